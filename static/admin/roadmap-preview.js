// The preview of a form: errors stand at their fields, too, while an editor types. An error goes only
// when the server no longer finds it.
"use strict";

{
  const listOf = (id) => document.getElementById(`${id}_error`);
  const frame = (field) => field.closest("td, .more-field, .form-row") || field.parentElement;

  // Cells of a table are narrow: the errors of a row stand in a row above it.
  const placeFor = (field) => {
    const row = field.closest(".rows tr.form-row");
    if (!row) return frame(field);
    let above = row.previousElementSibling;
    if (!above?.matches(".row-form-errors")) {
      above = Object.assign(document.createElement("tr"), { className: "row-form-errors" });
      above.insertCell().colSpan = row.cells.length;
      row.before(above);
    }
    return above.cells[0];
  };

  const remove = (id) => {
    const field = document.getElementById(id);
    const list = listOf(id);
    field?.removeAttribute("aria-invalid");
    if (field) frame(field).classList.remove("errors");
    const above = list.closest(".row-form-errors");
    list.remove();
    if (above && !above.querySelector(".errorlist")) above.remove();
  };

  // The lists are those that the admin itself writes when it refuses a form.
  const show = (id, texts) => {
    const field = document.getElementById(id);
    if (!field) return;
    let list = listOf(id);
    if (!list) {
      list = Object.assign(document.createElement("ul"), { id: `${id}_error`, className: "errorlist" });
      placeFor(field).prepend(list);
    }
    frame(field).classList.add("errors");
    const label = list.closest(".row-form-errors") ? `${field.ariaLabel?.split(", ")[0] ?? ""}: ` : "";
    list.replaceChildren(...texts.map((text) => Object.assign(document.createElement("li"), {
      textContent: `${label}${text}`,
    })));
    field.setAttribute("aria-invalid", "true");
    const words = new Set((field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
    field.setAttribute("aria-describedby", [...words.add(list.id)].join(" "));
  };

  // What is below must not jump while somebody types there.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "preview-rows") return;
    const panel = event.target.parentElement;
    panel.style.minHeight = `${panel.offsetHeight}px`;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "preview-rows") return;
    const found = {};
    for (const item of document.querySelectorAll("#preview-words [data-problem]")) {
      (found[item.dataset.problem] ??= []).push(item.querySelector("span").textContent);
    }
    const missing = [...document.querySelectorAll("#preview-words [data-missing]")].map((each) => each.dataset.missing);
    for (const list of document.querySelectorAll("form .errorlist[id$='_error']")) {
      const id = list.id.slice(0, -"_error".length);
      if (!(id in found) && !missing.includes(id)) remove(id);
    }
    for (const [id, texts] of Object.entries(found)) show(id, texts);
    for (const item of document.querySelectorAll(".problems [data-problem]")) {
      const id = item.dataset.problem;
      item.hidden = !(id in found) && !missing.includes(id);
    }
    for (const notice of document.querySelectorAll(".problems:has([data-problem])")) {
      notice.hidden = ![...notice.querySelectorAll("li")].some((each) => !each.hidden);
    }
  });

  // The widget that looks up a product tells only jQuery of a choice.
  document.addEventListener("DOMContentLoaded", () => {
    window.django?.jQuery?.(document).on("change", "select.admin-autocomplete", (event) => {
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
}
