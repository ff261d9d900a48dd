"""The docs inside the console: management networks have no internet, and whoever needs a page needs it at 03:00."""

from __future__ import annotations

from pathlib import Path

import markdown
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

EXTENSIONS = ("tables", "fenced_code", "sane_lists", "toc")
"""`toc` gives each heading an anchor: a finding leads to `#what-to-do`."""


@require_GET
@gzip_page
def help_page(request: HttpRequest, page: str) -> HttpResponse:
    """`/help/rules/host-dead.md` shows docs/rules/host-dead.md; links between the pages lead on as they stand."""
    docs = Path(settings.BASE_DIR, "docs").resolve()
    path = (docs / page).resolve()
    if path.suffix != ".md" or not path.is_relative_to(docs) or not path.is_file():
        raise Http404
    heading, _, text = path.read_text(encoding="utf-8").removeprefix("# ").partition("\n")
    body = markdown.markdown(text, extensions=EXTENSIONS, output_format="html")
    # The text is the project's own, and nobody's input.
    context = {"title": heading, "body": mark_safe(body), "in_rules": path.parent.name == "rules"}  # noqa: S308
    return render(request, "dashboard/help.html", context)
