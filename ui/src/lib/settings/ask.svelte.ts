// “Are you sure?” as a promise. The dialog itself is on the settings page.
export interface Question {
  title: string;
  text: string;
  action: string;
  danger?: boolean;
}

class Asking {
  question = $state.raw<Question | null>(null);
  private answer: ((yes: boolean) => void) | null = null;

  ask(question: Question): Promise<boolean> {
    this.settle(false);
    this.question = question;
    return new Promise((resolve) => (this.answer = resolve));
  }

  settle(yes: boolean) {
    this.question = null;
    this.answer?.(yes);
    this.answer = null;
  }
}

export const asking = new Asking();
export const sure = (question: Question) => asking.ask(question);
