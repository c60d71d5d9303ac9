// The preview of a form: mistakes stand at their fields, too, while somebody types.
"use strict";

{
  const row = (field) => field.closest("td, .form-row") || field.parentElement;

  // The lists are those that the admin itself writes when it refuses a form.
  const clear = () => {
    for (const list of document.querySelectorAll("form ul.errorlist[id$='_error']")) {
      const field = document.getElementById(list.id.slice(0, -"_error".length));
      if (!field) continue;
      field.removeAttribute("aria-invalid");
      row(field).classList.remove("errors");
      list.remove();
    }
  };

  const place = (field, text) => {
    const id = `${field.id}_error`;
    let list = document.getElementById(id);
    if (!list) {
      list = document.createElement("ul");
      list.id = id;
      list.className = "errorlist";
      row(field).classList.add("errors");
      row(field).prepend(list);
    }
    list.append(Object.assign(document.createElement("li"), { textContent: text }));
    field.setAttribute("aria-invalid", "true");
    const words = new Set((field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
    field.setAttribute("aria-describedby", [...words.add(id)].join(" "));
  };

  // What is below must not jump while somebody types there.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "preview-rows") return;
    const panel = event.target.parentElement;
    panel.style.minHeight = `${panel.offsetHeight}px`;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "preview-rows") return;
    clear();
    for (const item of document.querySelectorAll("#preview-words [data-field]")) {
      const field = document.getElementById(item.dataset.field);
      if (field) place(field, item.querySelector("span").textContent);
    }
  });

  // The widget that looks up a product tells only jQuery of a choice.
  document.addEventListener("DOMContentLoaded", () => {
    window.django?.jQuery?.(document).on("change", "select.admin-autocomplete", (event) => {
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
}
