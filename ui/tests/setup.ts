// jsdom has no modal dialogs, measures nothing and does not scroll; and a busy machine takes its time.

import { configure } from "@testing-library/svelte";

configure({ asyncUtilTimeout: 15_000 });

HTMLDialogElement.prototype.showModal ??= function show(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
  this.open = false;
  this.dispatchEvent(new Event("close"));
};
window.scrollTo = () => {};
window.scrollBy = () => {};
window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
Element.prototype.scrollTo ??= () => {};
