"""Lists for operators that cost the same at a hundred rows and at a million: nothing is counted, nothing is searched without an index."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import Paginator
from django.http import HttpRequest
from unfold.views import ChangeList

# Deeper pages would be read past row by row; whoever gets there looks for something that a search or a filter finds.
MOST_PAGES = 200


class UncountedPages(Paginator[Any]):
    """A paginator that never counts: the list itself fetches one row more than it shows."""

    template_name = "operator/_pages.html"

    @property
    def count(self) -> int:
        """Nobody knows."""
        return 0


class UncountedList(ChangeList):  # type: ignore[misc]  # the theme is published without types
    """A change list that reads one page and one row. ``has_next`` says whether there are more."""

    has_next = False

    def get_results(self, request: HttpRequest) -> None:
        """Read this page; a page number beyond the last one allowed is no page."""
        if not 1 <= self.page_num <= MOST_PAGES:
            raise IncorrectLookupParameters
        first = (self.page_num - 1) * self.list_per_page
        rows = list(self.queryset[first : first + self.list_per_page + 1])
        self.result_list = rows[: self.list_per_page]
        self.has_next = len(rows) > self.list_per_page and self.page_num < MOST_PAGES
        self.ends_here = len(rows) > self.list_per_page and self.page_num == MOST_PAGES
        self.result_count = len(self.result_list)
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = False
        self.can_show_all = False
        self.multi_page = self.has_next or self.page_num > 1
        self.paginator = UncountedPages(self.result_list, self.list_per_page)

    @property
    def next_page(self) -> str:
        """The query of the next page; empty on the last one."""
        return self.get_query_string({"p": self.page_num + 1}) if self.has_next else ""

    @property
    def previous_page(self) -> str:
        """The query of the page before; empty on the first one."""
        return self.get_query_string({"p": self.page_num - 1}) if self.page_num > 1 else ""
