// What went wrong, and what to do about it. Keys are the API's stable codes.
import { words } from './words';

export const errors = words({
  es: {
    network: 'No hay conexión con Relevo. Se reintenta solo en cuanto vuelva.',
    server: 'Relevo tuvo un problema. Intenta de nuevo; si sigue, avisa a quien lo administra.',
    codes: {
      unauthorized: 'Tu sesión terminó. Vuelve a entrar.',
      forbidden: 'Tu rol no permite hacer esto. Pídeselo a un administrador.',
      not_found: 'Esto ya no existe.',
      conflict: 'Alguien lo cambió mientras tanto. Revisa cómo quedó e intenta de nuevo.',
      outside_window: 'Pasaron más de 24 horas desde el último mensaje del cliente: WhatsApp solo permite una plantilla.',
      store: 'La base de datos no responde. Intenta de nuevo en un momento.',
      throttled: 'Demasiados intentos. Espera un momento.',
      cross_site: 'El navegador pidió esto desde otra página. Recarga e intenta de nuevo.',
    },
  },
  pt: {
    network: 'Sem conexão com o Relevo. Tentaremos de novo assim que voltar.',
    server: 'O Relevo teve um problema. Tente de novo; se continuar, avise quem o administra.',
    codes: {
      unauthorized: 'Sua sessão terminou. Entre de novo.',
      forbidden: 'Seu papel não permite isso. Peça a um administrador.',
      not_found: 'Isto não existe mais.',
      conflict: 'Alguém mudou isto enquanto isso. Veja como ficou e tente de novo.',
      outside_window: 'Mais de 24 horas desde a última mensagem do cliente: o WhatsApp só aceita um modelo.',
      store: 'O banco de dados não responde. Tente de novo em instantes.',
      throttled: 'Tentativas demais. Espere um momento.',
      cross_site: 'O navegador pediu isto de outra página. Recarregue e tente de novo.',
    },
  },
  en: {
    network: 'No connection to Relevo. It tries again by itself once it is back.',
    server: 'Relevo had a problem. Try again; if it stays, tell whoever runs it.',
    codes: {
      unauthorized: 'Your session has ended. Sign in again.',
      forbidden: 'Your role does not allow this. Ask an admin.',
      not_found: 'This no longer exists.',
      conflict: 'Somebody changed it meanwhile. Look at how it is now and try again.',
      outside_window: 'More than 24 hours since the customer’s last message: WhatsApp takes only a template.',
      store: 'The database does not answer. Try again in a moment.',
      throttled: 'Too many attempts. Wait a moment.',
      cross_site: 'The browser asked for this from another page. Reload and try again.',
    },
  },
});
