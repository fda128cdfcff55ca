"""Draws every picture of the documents and writes the page that shows them."""

from analysis.gallery.experiments import ROOT
from analysis.gallery.page import gallery_text
from analysis.gallery.pictures import PICTURES

folder = ROOT / "docs" / "images"
folder.mkdir(exist_ok=True)
for stale in folder.glob("*.svg"):
    if stale.stem not in {picture.name for picture in PICTURES}:
        stale.unlink()
for picture in PICTURES:
    (folder / f"{picture.name}.svg").write_text(picture.svg(), encoding="utf-8", newline="\n")
(ROOT / "docs" / "gallery.md").write_text(gallery_text(), encoding="utf-8", newline="\n")
