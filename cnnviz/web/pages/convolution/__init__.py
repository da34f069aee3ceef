"""What the page “Convolution and pooling” shows."""
