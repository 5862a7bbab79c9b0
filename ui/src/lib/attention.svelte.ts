// What asks for attention, counted for the navigation and the window's title.
class Attention {
  /** Chats with something unread that are mine or nobody's. */
  unread = $state(0);
  /** Open tasks that are mine or nobody's. */
  tasks = $state(0);
}

export const attention = new Attention();
