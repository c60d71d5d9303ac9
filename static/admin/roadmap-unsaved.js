// Leaving a form with unsaved changes asks first.
"use strict";

{
  const form = document.querySelector("form[data-unsaved]");
  const state = () => new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken")
    .map(([name, value]) => [name, value.name ?? value])).toString();
  let saved = null;
  let sending = false;
  // A form that comes back with errors has the changes already.
  const changed = () => Boolean(form.querySelector(".problems")) || (saved !== null && state() !== saved);
  const mark = () => form.classList.toggle("changed", changed());

  if (form) {
    // Behind the scripts of widgets, which wait for the same event.
    addEventListener("load", () => { setTimeout(() => { saved = state(); }); });
    addEventListener("pageshow", () => { sending = false; });
    form.addEventListener("input", mark);
    form.addEventListener("change", mark);
    form.addEventListener("submit", () => { sending = true; });
    addEventListener("beforeunload", (event) => {
      if (!sending && changed()) event.preventDefault();
    });
  }
}
