"""What the page “Shape against texture” shows."""
