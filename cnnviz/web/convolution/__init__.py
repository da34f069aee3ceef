"""What the page “Convolution and pooling, step by step” shows."""
