// Getting in: sign-in, set-up, invitation, new password.
import { words } from './words';

export const signIn = words({
  es: { title: 'Entrar', email: 'Correo', password: 'Contraseña', setUp: 'Preparar Relevo', invitation: 'Invitación', reset: 'Nueva contraseña' },
  pt: { title: 'Entrar', email: 'E-mail', password: 'Senha', setUp: 'Preparar o Relevo', invitation: 'Convite', reset: 'Nova senha' },
  en: { title: 'Sign in', email: 'E-mail', password: 'Password', setUp: 'Set up Relevo', invitation: 'Invitation', reset: 'New password' },
});
