"""What PaddleDetection and Paddle call things, version by version.

Works with PyPI's paddledet 2.6.0 and with GitHub checkouts from 2.7 on, with Paddle
2.6.2 and 3.x.  No other room asks which version it runs on.
"""
