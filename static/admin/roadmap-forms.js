// Panels of the admin.
"use strict";

// A panel that opens has its first field ready to type in.
document.addEventListener("toggle", (event) => {
  if (event.target.matches("details.drop[open]")) event.target.querySelector("form input[type=text]")?.focus();
}, true);
