// Says of each table whether there is more of it to the right than its place can show.
const watch = new ResizeObserver((seen) => {
  for (const { target } of seen) {
    const region = target.closest(".scroll");
    region.parentElement.classList.toggle("wide", region.scrollWidth > region.clientWidth + 1);
  }
});
for (const region of document.querySelectorAll(".scroll")) {
  watch.observe(region);
  watch.observe(region.firstElementChild);
}
