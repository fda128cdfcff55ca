"""Texts that would change a page if they were taken for anything else than text."""

from __future__ import annotations

PAYLOADS = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<ScRiPt src=//x.example></sCrIpT>",
    "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "</svg><script>alert(1)</script>", "</title><b>x",
    "</desc></svg><img src=x onerror=alert(1)>", "</style><style>*{display:none}", "</table><h1>x</h1>",
    "</td></tr></tbody></table>", "<!-- comment", "--> <b>x</b> <!--", "<![CDATA[ <b>x</b> ]]>",
    "<?xml version='1.0'?>", "<!doctype html>", "<base href=https://x.example/>",
    "<meta http-equiv=refresh content=0;url=//x.example>", "<link rel=stylesheet href=//x.example>",
    "<iframe src=javascript:alert(1)></iframe>", "<a href=javascript:alert(1)>x</a>",
    "<form action=//x.example><input>", "<textarea>", "<plaintext>", "<math><mi//xlink:href='data:x,<script>'>",
    "\" onmouseover=\"alert(1)", "' onmouseover='alert(1)", "\"><script>alert(1)</script>", "'><img src=x>",
    "` onx=`1", "javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "&amp;&amp;lt;", "&NewLine;&Tab;",
    "{{ 7 * 7 }}", "{% include '/etc/passwd' %}", "${7*7}", "#{7*7}", "{{ ''.__class__ }}",
    "url(https://x.example/)", "expression(alert(1))", "$x^2$ \\frac{a}{b}", "| a | b |", "a | b \\| c",
    "```\ncode\n```", "`code`", "[x](javascript:alert(1))", "![x](https://x.example/x.png)",
    "[x]: https://x.example", "<https://x.example>", "https://x.example www.x.example a@x.example", "# heading",
    "- item", "1. item", "> quotation", "***", "**bold** _it_ ~~no~~", "line\n\n<b>next</b>",
    "\r\n\r\n# heading", "a\u2028b\u2029c", "\u202egnp.exe", "\ufeff<b>", "\x1b[31mred\x1b[0m",
    "=cmd|' /C calc'!A0", "\u0000<b>", "a\ufffeb\uffff", "<" * 40, "x" * 390, "Ω\U0001f600<b>",
)  # fmt: skip
"""At least sixty: HTML, SVG, CSS, templates, entities, Markdown, terminals, spreadsheets, and what is no character."""
