// What Django's own widgets of forms leave unsaid to people who do not see them.
"use strict";

// Behind the scripts that make those widgets, which wait for the same event.
addEventListener("load", () => {
  for (const icon of document.querySelectorAll(".help-tooltip[aria-label]")) icon.role = "img";
  for (const heading of document.querySelectorAll("th.original:empty")) {
    heading.append(Object.assign(document.createElement("span"), {
      className: "visually-hidden",
      textContent: "Saved row",
    }));
  }
});
