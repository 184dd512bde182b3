"use strict";
const $ = (id) => document.getElementById(id);
const LAYERS = ["joints", "targets", "numbers"];

function show() {
  const page = document.body.classList;
  for (const layer of LAYERS) page.toggle(`no-${layer}`, !$(`show-${layer}`).checked);
  const joint = $("joint").value;
  page.toggle("one-joint", joint !== "");
  for (const mark of document.querySelectorAll("#cards .joint"))
    mark.classList.toggle("chosen", mark.dataset.joint === joint);
}

$("controls").addEventListener("change", show);
$("controls").addEventListener("submit", (event) => event.preventDefault());
show();
