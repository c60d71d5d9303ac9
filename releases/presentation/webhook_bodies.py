"""Bodies of webhooks: JSON for programs, and messages in the formats of chats.

Titles and sentences come from the catalogue and are not trusted: they must not mention people,
become links, or break the markup of a chat. `_inert` prevents what escaping does not.
Messages are bounded in size: items that do not fit are counted, and the page of the view has them.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.words import one_line
from releases.domain.reminders.news import NewsKind
from releases.models import Channel, MessagePurpose
from releases.presentation.reminders import Content, Item, most_important

VERSION: Final = 1
"""The version of the JSON body, to be raised if a key is removed or its meaning changes."""

_MAX_TITLE: Final = 100
_MAX_TEXT: Final = 250
_MAX_URL: Final = 1_000
_ZERO_WIDTH_SPACE: Final = "\u200b"
_ACTIVE: Final = re.compile(r"[@#~&:<](?!\s)|www\d*(?=\.)|\{(?=\{)", re.IGNORECASE)
"""The beginnings of mentions, channels, hashtags, entities, emoji, tags, addresses, functions."""
_MARKDOWN: Final = re.compile(r"[\\`*{}\[\]()#+.!_>|-]")
_SLACK: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def webhook_body(channel: Channel, content: Content) -> str:
    """Return the body of a webhook as JSON in ASCII, with as many items as fit in it."""
    form = _FORMATS[channel]

    def body(shown: int) -> str:
        items = most_important(content.items, shown)
        values = form.values(content, items, len(content.items) - shown)
        return json.dumps(values, separators=(",", ":"))

    counts = range(1, min(len(content.items), form.max_items) + 1)
    return body(bisect_right(counts, form.max_size, key=lambda shown: len(body(shown))))


def service_of(url: str) -> Channel | None:
    """Return the chat service that a URL belongs to, or None if it may accept other formats."""
    found = (channel for channel, form in _FORMATS.items() if form.urls and form.urls.match(url))
    return next(found, None)


def _title(content: Content) -> str:
    """Return the heading of a message in a chat."""
    return f"{settings.SITE_NAME}: {content.view}"


def _intro(content: Content) -> str:
    """Return the sentence of a confirmation or a test, else an empty text."""
    match content.purpose:
        case MessagePurpose.CONFIRM:
            return (
                f"Reminders about {content.view} were requested for this webhook. Confirm within 7"
                " days to receive them. No other message is sent before that."
            )
        case MessagePurpose.TEST:
            return f"This test shows that reminders about {content.view} arrive here."
        case _:
            return ""


def _actions(content: Content) -> dict[str, str]:
    """Return the links below a message, by their texts."""
    links = content.links
    if content.purpose == MessagePurpose.CONFIRM:
        return {"Confirm": links.confirm, "Privacy": links.privacy}
    gone = any(item.news.kind is NewsKind.GONE for item in content.items)
    view = {} if gone else {"Open the page": links.view}
    return view | {"Change or unsubscribe": links.manage}


def _generic(content: Content, items: list[Item], more: int) -> dict[str, Any]:
    links = {"view": content.links.view, "manage": content.links.manage}
    links |= {"unsubscribe": content.links.unsubscribe}
    if content.purpose == MessagePurpose.CONFIRM:
        links |= {"confirm": content.links.confirm}
    return {
        "type": _TYPES[content.purpose],
        "timestamp": content.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {
            "version": VERSION,
            "subject": one_line(content.subject),
            "view": one_line(content.view),
            "items": [_generic_item(item) for item in items],
            "more": more,
            "links": links,
        },
    }


def _generic_item(item: Item) -> dict[str, Any]:
    """Return the same keys for all kinds of reminders; those that do not apply are null."""
    news = item.news
    return {
        "kind": news.kind.value,
        "product": news.product or None,
        "cycle": news.cycle or None,
        "title": one_line(item.title) or None,
        "text": one_line(item.text),
        "url": item.url if item.title else None,
        "milestone": news.milestone or None,
        "change": news.change if news.kind is NewsKind.CHANGE else None,
        **_date(news.day, ""),
        **_date(news.old, "old_"),
        "release": news.version or None,
        "release_kind": news.release_kind or None,
    }


def _date(day: PartialDate | None, prefix: str) -> dict[str, str | None]:
    return {
        f"{prefix}date": day.date.isoformat() if day else None,
        f"{prefix}precision": day.precision if day else None,
    }


def _slack(content: Content, items: list[Item], more: int) -> dict[str, Any]:
    def link(url: str, text: str) -> str:
        return f"<{_url(url).translate(_SLACK)}|{text}>" if _is_short(url) else text

    def block(text: str) -> dict[str, Any]:
        return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}

    def escape(text: str, most: int) -> str:
        return _inert(text, most).translate(_SLACK)

    lines = _lines(content, items, more, escape, link)
    actions = " · ".join(link(url, text) for text, url in _actions(content).items())
    return {
        "text": escape(content.subject, _MAX_TEXT),
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [
            block(f"*{escape(_title(content), _MAX_TITLE)}*"),
            *(block(line) for line in lines),
            block(actions),
        ],
    }


def _mattermost(content: Content, items: list[Item], more: int) -> dict[str, Any]:
    return {"text": _markdown_text(content, items, more)}


def _discord(content: Content, items: list[Item], more: int) -> dict[str, Any]:
    embed = {"description": _markdown_text(content, items, more)}
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _markdown_text(content: Content, items: list[Item], more: int) -> str:
    lines = _lines(content, items, more, _markdown, _markdown_link)
    listed = "\n".join(f"- {line}" for line in lines) if items else "\n".join(lines)
    actions = " · ".join(_markdown_link(url, text) for text, url in _actions(content).items())
    return f"**{_markdown(_title(content), _MAX_TITLE)}**\n\n{listed}\n\n{actions}"


def _markdown_link(url: str, text: str) -> str:
    return f"[{text}]({_url(url)})" if _is_short(url) else text


def _teams(content: Content, items: list[Item], more: int) -> dict[str, Any]:
    """Return an Adaptive Card of text runs, which have no markup."""

    def block(*runs: tuple[str, int], bold: bool) -> dict[str, Any]:
        first, *others = ({"type": "TextRun", "text": _inert(*run)} for run in runs)
        return {
            "type": "RichTextBlock",
            "inlines": [{**first, "weight": "Bolder"} if bold else first, *others],
        }

    def row(item: Item) -> dict[str, Any]:
        runs = [(item.title, _MAX_TITLE), (f": {item.text}", _MAX_TEXT)]
        if not (item.title and _is_short(item.url)):
            return block((item.text, _MAX_TEXT), bold=False)
        return {
            "type": "Container",
            "items": [block(*runs, bold=True)],
            "selectAction": {"type": "Action.OpenUrl", "url": _url(item.url)},
        }

    body = [block((_title(content), _MAX_TITLE), bold=True)]
    if intro := _intro(content):
        body.append(block((intro, _MAX_TEXT), bold=False))
    body += [row(item) for item in items]
    if more:
        body.append(block((_and_more(more), _MAX_TEXT), bold=False))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": body,
        "actions": [
            {"type": "Action.OpenUrl", "title": text, "url": _url(url)}
            for text, url in _actions(content).items()
            if _is_short(url)
        ],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {
        "type": "message",
        "attachments": [{"contentType": kind, "contentUrl": None, "content": card}],
    }


def _lines(
    content: Content,
    items: list[Item],
    more: int,
    escape: Callable[[str, int], str],
    link: Callable[[str, str], str],
) -> list[str]:
    """Return the lines of a message in a chat.

    Args:
        content: The content.
        items: The items that are shown.
        more: The number of the others.
        escape: Returns a text of the catalogue as markup, cut to a number of characters.
        link: Returns a link to an address, with escaped text.
    """

    def line(item: Item) -> str:
        text = escape(item.text, _MAX_TEXT)
        return f"{link(item.url, escape(item.title, _MAX_TITLE))}: {text}" if item.title else text

    intro = escape(_intro(content), _MAX_TEXT)
    return [
        *filter(None, [intro]),
        *(line(item) for item in items),
        *([_and_more(more)] if more else []),
    ]


def _and_more(more: int) -> str:
    return f"and {more:,} more"


def _inert(text: str, most: int) -> str:
    """Return a text on one line in which nothing becomes a mention, a link or an emoji.

    Args:
        text: A text of the catalogue.
        most: Its maximum number of characters, not counting added invisible ones.
    """
    line = one_line(text)
    cut = line if len(line) <= most else f"{line[: most - 1]}…"
    return _ACTIVE.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", cut)


def _markdown(text: str, most: int) -> str:
    """Return Markdown that shows a text unchanged."""
    return _MARKDOWN.sub(r"\\\g<0>", _inert(text, most))


def _url(url: str) -> str:
    """Return an address without characters that end a link."""
    return quote(url, safe="%/:?#@!$&'*+,;=~[]")


def _is_short(url: str) -> bool:
    return len(_url(url)) <= _MAX_URL


@dataclass(frozen=True, slots=True)
class _Format:
    """The format of a channel.

    Attributes:
        values: Returns the body with some items, and the number of the others.
        max_items: The maximum number of items.
        max_size: The maximum length of the body, unless it has one item only.
        urls: The beginning of URLs that accept no other format; None if they are not known.
    """

    values: Callable[[Content, list[Item], int], dict[str, Any]]
    max_items: int
    max_size: int
    urls: re.Pattern[str] | None = None


_TYPES: Final = {
    MessagePurpose.NEWS: "reminder.news",
    MessagePurpose.TEST: "reminder.test",
    MessagePurpose.CONFIRM: "reminder.confirmation",
}
_SLACK_URLS: Final = re.compile(r"https://hooks\.slack\.com(:443)?/services/", re.IGNORECASE)
_DISCORD_URLS: Final = re.compile(
    # Discord accepts the format of Slack at addresses that end in /slack.
    r"https://(\w+\.)?discord(app)?\.com(:443)?/api/(v\d+/)?webhooks/(?!.*/slack\b)",
    re.IGNORECASE,
)
_FORMATS: Final = {
    # Many receivers accept 100 kB.
    Channel.GENERIC: _Format(_generic, max_items=500, max_size=60_000),
    # Slack accepts 50 blocks.
    Channel.SLACK: _Format(_slack, max_items=40, max_size=40_000, urls=_SLACK_URLS),
    # Teams accepts 28 kB, with what it adds.
    Channel.TEAMS: _Format(_teams, max_items=40, max_size=18_000),
    # Mattermost accepts 16,383 characters.
    Channel.MATTERMOST: _Format(_mattermost, max_items=40, max_size=14_000),
    # Discord accepts a description of 4,096 characters.
    Channel.DISCORD: _Format(_discord, max_items=40, max_size=4_000, urls=_DISCORD_URLS),
}
