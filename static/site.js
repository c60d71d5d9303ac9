// Copying, and panels that close. Without scripts there are no copy buttons, and a panel is closed
// by its own button.
"use strict";

// The clipboard is not available on pages without encryption.
const hideCopying = () => {
  if (navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = true;
};

const closePanels = (except) => {
  for (const panel of document.querySelectorAll(".drop[open]")) {
    if (!panel.contains(except)) panel.open = false;
  }
};

hideCopying();
document.addEventListener("click", async (event) => {
  closePanels(event.target);
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText(source ? source.value ?? source.textContent : location.href);
  button.textContent = "Copied";
});
document.addEventListener("keydown", (event) => {
  const panel = document.querySelector(".drop[open]");
  if (event.key !== "Escape" || !panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});

// A panel of filters that the visitor opened stays open when htmx replaces the page, with the focus
// on the same field.
let opened = false;
let focused = "";
document.addEventListener("htmx:beforeSwap", () => {
  opened = document.querySelector(".more")?.open ?? false;
  focused = document.activeElement?.id ?? "";
});
document.addEventListener("htmx:afterSettle", () => {
  hideCopying();
  const more = document.querySelector(".more");
  if (!more || !opened) return;
  more.open = true;
  if (focused) document.getElementById(focused)?.focus();
});
