// What Django's own widgets of forms leave unsaid to people who do not see them.
"use strict";

// A panel that opens has its first field ready to type in.
document.addEventListener("toggle", (event) => {
  if (event.target.matches("details.drop[open]")) event.target.querySelector("form input[type=text]")?.focus();
}, true);

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
