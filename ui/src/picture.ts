// The next picture of the screen: the moment at which what has come is worth taking in.

/** Of a window that nobody sees no picture is drawn, and it hears all the same. */
const UNSEEN = 1000;

/** Does it once, with the next picture. Gives what calls that off. */
export function withPicture(act: () => void): () => void {
  const callOff = () => {
    cancelAnimationFrame(picture);
    clearTimeout(unseen);
  };
  const once = () => {
    callOff();
    act();
  };
  const picture = requestAnimationFrame(once);
  const unseen = setTimeout(once, UNSEEN);
  return callOff;
}
