"""The page: what a folder of results says, on one self-contained page of HTML, or as Markdown or JSON."""

from __future__ import annotations

from analysis.page.contents import page_of
from analysis.page.html import html_page
from analysis.page.markdown import markdown_page
from analysis.page.model import PageDocument
from analysis.page.plain import json_document
from analysis.page.source import Made, Source

__all__ = ["Made", "PageDocument", "Source", "html_page", "json_document", "markdown_page", "page_of"]
