"""In a table's cell a forge wants the bars of code type escaped; Python-Markdown does not, and would show the backslash."""

import re


def on_page_markdown(markdown, **_):
    row = re.compile(r"^\|.*$", re.MULTILINE)
    code = re.compile(r"`[^`]*`")
    return row.sub(lambda found: code.sub(lambda part: part[0].replace(r"\|", "|"), found[0]), markdown)
