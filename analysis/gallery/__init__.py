"""The gallery: every chart drawn from shipped scenarios, and the page that shows them.

`python -m analysis.gallery` writes `docs/images/*.svg` and `docs/gallery.md` anew; tests keep the files equal to what
it writes. A chart more is one line in the table of `pictures`.
"""

from analysis.gallery.experiments import EXPERIMENTS, Experiment
from analysis.gallery.page import gallery_text
from analysis.gallery.pictures import PICTURES, Picture

__all__ = ["EXPERIMENTS", "PICTURES", "Experiment", "Picture", "gallery_text"]
