"""The one chooser for images, outside its window: samples, uploads, the camera, a pad."""

import io

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest


def chooser() -> None:
    """A page that is nothing but the chooser and the image that is chosen."""
    import streamlit as st

    from cnnviz.web.controls.image import choose_image, find_image, title_image

    def take(value: str) -> None:
        st.session_state["chosen"] = value

    value = st.session_state.setdefault("chosen", "cat")
    choose_image(value, key="image", take=take)
    image = find_image(value)
    assert image is not None
    st.text(title_image(value))
    st.text(f"{image.pixels.shape[1]}×{image.pixels.shape[0]}")
    st.text(" ".join(image.notes))


def start(source: str) -> AppTest:
    app = AppTest.from_function(chooser, default_timeout=60).run()
    assert not app.exception
    app.segmented_control(key="image.source").set_value(source).run()
    assert not app.exception
    return app


def make_turned_jpeg() -> bytes:
    """60×40 pixels that the camera was turned for."""
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(np.full((40, 60, 3), 200, dtype=np.uint8)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def test_an_upload_is_taken_upright_and_a_bad_one_leaves_it_in_place() -> None:
    app = start("Upload")
    app.file_uploader(key="image.file").upload("a.jpg", make_turned_jpeg(), "image/jpeg").run()
    assert [entry.value for entry in app.text[:2]] == ["a.jpg", "40×60"]
    assert "turned" in app.text[2].value.lower()
    chosen = app.session_state["chosen"]
    assert chosen.startswith("upload.")
    app.file_uploader(key="image.file").upload("b.png", b"not an image", "image/png").run()
    assert len(app.error) == 1
    assert "b.png" in app.error[0].value
    assert app.session_state["chosen"] == chosen
    assert not app.exception


def test_the_camera_is_asked_for_only_when_it_is_chosen() -> None:
    app = start("Samples")
    assert not app.camera_input
    app.segmented_control(key="image.source").set_value("Camera").run()
    assert len(app.camera_input) == 1
    assert app.session_state["chosen"] == "cat"
