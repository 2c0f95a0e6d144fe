// Whether the window is in front of somebody: what it shows then needs to pop up nowhere else.

/** Tells now and at each change, until the function that it gives is called. */
export function watchFront(tell: (front: boolean) => void): () => void {
  let told: boolean | undefined;
  const look = () => {
    const front = document.visibilityState === "visible" && document.hasFocus();
    if (front === told) return;
    told = front;
    tell(front);
  };
  const blur = () => {
    // The page has the focus until after this event.
    setTimeout(look);
  };
  window.addEventListener("focus", look);
  window.addEventListener("blur", blur);
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    window.removeEventListener("focus", look);
    window.removeEventListener("blur", blur);
    document.removeEventListener("visibilitychange", look);
  };
}
