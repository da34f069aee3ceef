"""Live camera: what a network makes of every frame, as long as the camera is on."""

from cnnviz.camera import list_map_layers
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.camera.controls import CameraControls
from cnnviz.web.pages.camera.view import find_answers, list_words, show_stage

page = begin_page("camera", CameraControls, uses=Uses())
layers = list_map_layers(page.at.bench.model.graph)
with stage():
    show_stage(page)
end_page(
    page,
    words=list_words(page),
    answers=find_answers(page),
    program={"LAYER": page.values.layer},
    on_step=lambda by: page.step("layer", layers, by),
)
