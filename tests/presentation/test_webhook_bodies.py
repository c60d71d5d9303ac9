"""Bodies of webhooks: their content, their limits, and texts with markup."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pytest_django import Settings

from releases.domain.lifecycle.milestones import PartialDate, Precision
from releases.domain.lifecycle.words import one_line
from releases.domain.reminders.news import News, NewsKind
from releases.models import Channel, MessagePurpose
from releases.presentation.reminders import Content, Item, Links, items_of
from releases.presentation.webhook_bodies import webhook_body
from tests.reminders import NOW, news

GUIDE = Path(__file__).parents[2] / "docs/reminders.md"
SITE = "https://roadmap.example.org"
TOKEN = "ImY1Y2Y3In0:1x2y3z:signature"
LINKS = Links(
    view=f"{SITE}/?lts=1&product=django",
    manage=f"{SITE}/subscriptions/{TOKEN}/",
    unsubscribe=f"{SITE}/subscriptions/{TOKEN}/unsubscribe/",
    confirm=f"{SITE}/subscriptions/confirm/{TOKEN}/",
    privacy=f"{SITE}/about/privacy/",
)
END = Item(
    News(
        kind=NewsKind.END,
        product="django",
        cycle="5.2",
        title="Django 5.2",
        path="/django/5.2/",
        milestone="eol",
        day=PartialDate(date(2028, 4, 1), Precision.MONTH),
    ),
    "Django 5.2",
    "End of security support in 30 days, Apr 2028.",
    f"{SITE}/django/5.2/",
)
GONE = Item(News(kind=NewsKind.GONE), "", "The page of this subscription no longer exists.", SITE)
CHATS = [Channel.SLACK, Channel.TEAMS, Channel.MATTERMOST, Channel.DISCORD]
CHANNELS = [Channel.GENERIC, *CHATS]
HOSTILE = (
    "<!channel> <@U123|x> <https://evil.example|Django> @here @everyone #general ~town :tada:",
    "[click](https://evil.example) ![i](https://evil.example/x.png) <b>x</b> www.evil.example",
    "&lt;!here&gt; &#64;channel `code` **b** _i_ ~~s~~ ||spoiler|| > quote # head - 1. list",
    "](https://evil.example) \\](https://evil.example) \\@channel {{DATE(2017-02-14T06:00:00Z)}}",
    '"}],"text":"x mailto:a@b.example evil.example/path\r\n\r\n# Heading\x00\u2028',
    "<at>Everyone</at> <@&123> <#45> <t:1> </x:1> @all. @channel: www2.evil.example",
)


def content(*items: Item, purpose: MessagePurpose = MessagePurpose.NEWS) -> Content:
    subject = "Django 5.2: End of security support in 30 days, Apr 2028"
    return Content(purpose, NOW, subject, "Django", "", list(items), LINKS)


def body(channel: Channel, found: Content) -> dict[str, Any]:
    """Return a body after checking the limits of its format."""
    text = webhook_body(channel, found)
    assert text.isascii()
    values: dict[str, Any] = json.loads(text)
    CHECKS[channel](values, text)
    return values


def check_slack(values: dict[str, Any], _: str) -> None:
    """Block Kit: 50 blocks, 3,000 characters in a text, 40,000 in `text`."""
    assert len(values["blocks"]) <= 50
    for block in values["blocks"]:
        assert set(block) == {"type", "text"}
        assert block["type"] == "section"
        assert block["text"]["type"] == "mrkdwn"
        assert block["text"]["verbatim"] is True
        assert 1 <= len(block["text"]["text"]) <= 3000
    assert len(values["text"]) <= 40_000
    assert not values["unfurl_links"]


def check_teams(values: dict[str, Any], text: str) -> None:
    """Adaptive Cards 1.2, of the elements that are used here: 28 kB, with what Teams adds."""
    assert len(text) <= 20_000
    assert set(values) == {"type", "attachments"}
    (attachment,) = values["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert set(card) == {"$schema", "type", "version", "body", "actions"}
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.2")
    for element in card["body"]:
        if element["type"] == "Container":
            assert set(element) == {"type", "items", "selectAction"}
            check_action(element["selectAction"], titled=False)
        for block in element.get("items", [element]):
            assert set(block) == {"type", "inlines"}
            assert block["type"] == "RichTextBlock"
            for run in block["inlines"]:
                assert run["type"] == "TextRun"
                assert set(run) <= {"type", "text", "weight"}
    for action in card["actions"]:
        check_action(action, titled=True)


def check_action(action: dict[str, Any], *, titled: bool) -> None:
    assert action["type"] == "Action.OpenUrl"
    assert action["url"].startswith(SITE)
    assert set(action) == {"type", "url", *(["title"] if titled else [])}


def check_mattermost(values: dict[str, Any], _: str) -> None:
    assert set(values) == {"text"}
    assert len(values["text"]) <= 16_383


def check_discord(values: dict[str, Any], _: str) -> None:
    assert set(values) == {"embeds", "allowed_mentions"}
    assert values["allowed_mentions"] == {"parse": []}
    (embed,) = values["embeds"]
    assert set(embed) == {"description"}
    assert len(embed["description"].encode("utf-16-le")) // 2 <= 4096


def check_generic(_: dict[str, Any], text: str) -> None:
    assert len(text) <= 60_000


CHECKS: dict[Channel, Callable[[dict[str, Any], str], None]] = {
    Channel.GENERIC: check_generic,
    Channel.SLACK: check_slack,
    Channel.TEAMS: check_teams,
    Channel.MATTERMOST: check_mattermost,
    Channel.DISCORD: check_discord,
}


def shown(channel: Channel, values: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the lines that a chat shows, and its links as pairs of text and address.

    Both are without the invisible characters, which keep texts from becoming mentions.
    """
    if channel == Channel.SLACK:
        markup = [block["text"]["text"] for block in values["blocks"]]
        found = re.findall(r"<([^<>|]*)\|([^<>]*)>", "\n".join(markup))
        lines = [re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", line) for line in markup]
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", "".join(lines) + values["text"])
        lines = [html.unescape(line) for line in [values["text"], *lines]]
        links = [(html.unescape(text), html.unescape(url)) for url, text in found]
    elif channel == Channel.TEAMS:
        card = values["attachments"][0]["content"]
        blocks = [(each, each.get("items", [each])[0]) for each in card["body"]]
        lines = ["".join(run["text"] for run in block["inlines"]) for _, block in blocks]
        links = [
            (line, each["selectAction"]["url"])
            for line, (each, _) in zip(lines, blocks, strict=True)
            if "selectAction" in each
        ]
        links += [(action["title"], action["url"]) for action in card["actions"]]
    else:
        text = values["text"] if channel == Channel.MATTERMOST else values["embeds"][0]
        text = text if isinstance(text, str) else text["description"]
        lines, links = read_markdown(text)
    for line in lines:
        assert not re.search(r"[@#~&:<](?=[^\s\u200b])|www\d*\.|\{\{", line)
    plain = [line.replace("\u200b", "") for line in lines]
    return plain, [(text.replace("\u200b", ""), url) for text, url in links]


def read_markdown(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the lines and links of Markdown that has nothing but bold text, a list and links."""
    lines, links = [], []
    for block in MarkdownIt("commonmark").parse(text):
        assert block.type.removesuffix("_open").removesuffix("_close") in {
            *("paragraph", "bullet_list", "list_item", "inline")
        }
        children = block.children or []
        kinds = {child.type for child in children}
        assert kinds <= {"text", "text_special", "link_open", "link_close", "strong_open"} | {
            "strong_close",
            "softbreak",
        }
        if children:
            lines.append("".join(child.content for child in children))
            links += links_in(children)
    return lines, links


def links_in(tokens: list[Token]) -> list[tuple[str, str]]:
    found, text, url = [], "", ""
    for token in tokens:
        if token.type == "link_open":
            text, url = "", str(token.attrs["href"])
        elif token.type == "link_close":
            found.append((text, url))
        else:
            text += token.content
    return found


@pytest.mark.parametrize("channel", CHATS)
def test_message_in_a_chat(channel: Channel, settings: Settings) -> None:
    settings.SITE_NAME = "Roadmap"
    lines, links = shown(channel, body(channel, content(END)))
    assert "Django 5.2: End of security support in 30 days, Apr 2028." in lines
    assert any("Roadmap: Django" in line for line in lines)
    title = next(text for text, url in links if url == END.url)
    assert title.startswith("Django 5.2")
    assert links[-2:] == [
        ("Open the page", LINKS.view),
        ("Change or unsubscribe", LINKS.manage),
    ]


@pytest.mark.parametrize("channel", CHATS)
def test_confirmation_in_a_chat(channel: Channel) -> None:
    found = content(purpose=MessagePurpose.CONFIRM)
    lines, links = shown(channel, body(channel, found))
    assert any(line.startswith("Reminders about Django were requested") for line in lines)
    assert links == [("Confirm", LINKS.confirm), ("Privacy", LINKS.privacy)]


@pytest.mark.parametrize("channel", CHATS)
def test_test_in_a_chat(channel: Channel) -> None:
    lines, links = shown(channel, body(channel, content(purpose=MessagePurpose.TEST)))
    assert "This test shows that reminders about Django arrive here." in lines
    assert [text for text, _ in links] == ["Open the page", "Change or unsubscribe"]


@pytest.mark.parametrize("channel", CHATS)
def test_page_that_is_gone_is_not_linked(channel: Channel) -> None:
    lines, links = shown(channel, body(channel, content(GONE)))
    assert GONE.text in lines
    assert links == [("Change or unsubscribe", LINKS.manage)]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("number", [1, 20, 39, 41, 3_000])
def test_items_that_do_not_fit_are_counted(channel: Channel, number: int) -> None:
    values = body(channel, content(*[END] * number))
    if channel == Channel.GENERIC:
        told, more = len(values["data"]["items"]), values["data"]["more"]
    else:
        lines, links = shown(channel, values)
        told = sum(url == END.url for _, url in links)
        (line,) = [line for line in lines if line.startswith("and ")] or ["and 0 more"]
        more = int(line.split()[1].replace(",", ""))
    assert told >= min(number, 10)
    assert told + more == number


@pytest.mark.parametrize("channel", CHANNELS)
def test_security_releases_are_shown_in_a_shortened_message(channel: Channel) -> None:
    """The order of the items stays the same."""
    about = news(NewsKind.RELEASE, version="5.2.9", release_kind="security")
    release = Item(about, "Django 5.2", "Security release 5.2.9 is out.", END.url)
    values = body(channel, content(*[END] * 3_000, release, release))
    if channel == Channel.GENERIC:
        texts = [each["text"] for each in values["data"]["items"]]
    else:
        lines, _ = shown(channel, values)
        texts = [text for line in lines for text in (END.text, release.text) if text in line]
    texts = [each for each in texts if each in (END.text, release.text)]
    assert texts[-2:] == [release.text] * 2
    assert set(texts[:-2]) == {END.text}


@pytest.mark.parametrize("channel", CHATS)
def test_long_texts_and_addresses_fit(channel: Channel) -> None:
    """An address that is too long is left out; the text stays."""
    long = replace(END, title="&" * 5_000, text="<>" * 5_000, url=f"{SITE}/{'é' * 5_000}/")
    found = replace(
        content(*[long] * 60), view="<" * 5_000, links=replace(LINKS, view=f"{SITE}/?{'x' * 2000}")
    )
    lines, links = shown(channel, body(channel, found))
    assert any(line.startswith(("&" * 99 + "…", "<>" * 124 + "<…")) for line in lines)
    assert links == [("Change or unsubscribe", LINKS.manage)]


def hostile(text: str) -> Item:
    return replace(END, title=text, text=text)


@pytest.mark.parametrize("channel", CHATS)
@given(st.text(max_size=90) | st.text("<>@#:[]()\\`*_~|&!. a/w{}-1\n", max_size=90))
@example(HOSTILE[0])
@example(HOSTILE[1])
@example(HOSTILE[2])
@example(HOSTILE[3])
@example(HOSTILE[4])
@example(HOSTILE[5])
def test_texts_of_the_catalogue_stay_text(channel: Channel, text: str) -> None:
    """They mention nobody, contain no links, and are shown unchanged."""
    plain = one_line(text).replace("\u200b", "")
    assume(plain)
    item = hostile(text)
    found = replace(content(item), subject=text, view=text)
    lines, links = shown(channel, body(channel, found))
    assert {url for _, url in links} <= {item.url, LINKS.view, LINKS.manage}
    assert len(links) == 3
    assert any(plain[:80] in line for line in lines)


@given(st.text())
def test_generic_body_has_texts_as_they_are(text: str) -> None:
    values = body(Channel.GENERIC, replace(content(hostile(text)), subject=text))
    (item,) = values["data"]["items"]
    assert (item["title"] or "", item["text"]) == (one_line(text), one_line(text))
    assert values["data"]["subject"] == one_line(text)


def test_example_of_the_documentation(settings: Settings) -> None:
    """It is a body that is sent."""
    settings.SITE_URL = SITE
    (block,) = re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    news = replace(
        END.news,
        kind=NewsKind.CHANGE,
        day=PartialDate(date(2028, 4, 30)),
        old=PartialDate(date(2028, 3, 31), Precision.MONTH),
    )
    (item,) = items_of([news], NOW.date())
    found = replace(content(item), subject=f"{item.title}: {item.text.rstrip('.')}")
    assert json.loads(block) == body(Channel.GENERIC, found)
