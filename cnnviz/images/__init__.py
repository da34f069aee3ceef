"""Images: untrusted bytes in, checked pixels out; samples to try; and images made hard."""
