// Presets the time zone of the browser in a new form. Without JavaScript, the preset is UTC.
"use strict";
const zone = document.getElementById("id_zone");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
if ([...zone.list.options].some((option) => option.value === own)) zone.value = own;
