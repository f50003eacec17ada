"""Training of the reader: public question sets -> the weights that ship. Needs torch.

Imports extraction. Read `__main__.py` first.
"""
