// What Django's own widgets of forms leave unsaid to people who do not see them.
"use strict";

// A panel that opens has its first field ready to type in.
document.addEventListener("toggle", (event) => {
  if (!event.target.matches("details.drop[open]")) return;
  event.target.querySelector("input[type=text]")?.focus();
}, true);

// Behind the script that makes the search of several rows.
const nameSearches = () => {
  for (const field of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
    const select = field.closest(".select2").previousElementSibling;
    field.setAttribute("aria-label", select.labels[0].textContent);
  }
};
addEventListener("load", () => setTimeout(nameSearches));
