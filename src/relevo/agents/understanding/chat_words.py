"""Chat abbreviations of Spanish, Portuguese and English and what they stand for. Data only."""

from __future__ import annotations

_WRITTEN_OUT = """
que: q k qe ke qu
porque: xq pq porq xk pork xke
por: x
para: pa pra pro
por favor: porfa porfis porfavor plis pliss xfa xfavor pfv pf pfvr porfi
please: pls plz pleas
voce: vc ce oce
voces: vcs ceis
tambien: tb tmb tbn tmbn tambn tbm
donde: dnd dond onde
cuando: cdo cnd cuand
quando: qdo qnd
quanto: qto qnt
cuanto: cto cnto cuant
hola: ola olaa hla holi holis olas
informacion: info infor inf informasion
whatsapp: wpp wsp wasap whats zap
hoje: hj
horas: hrs
usted: ud vd
ustedes: uds vds
you: u ya
are: r
your: ur
about: abt
thanks: thx ty tks thks tnx
how: hw
want to: wanna
going to: gonna
got to: gotta
i am: im
do not: dont dnt
does not: doesnt
did not: didnt
can not: cant cannot
will not: wont
is not: isnt
are not: arent
has not: hasnt
have not: havent
was not: wasnt
what is: whats wats
where is: wheres
when is: whens
how is: hows
that is: thats
it is: its
i will: ill
i would: id
i have: ive
they are: theyre
you are: youre
there is: theres
let us: lets
because: cuz bc coz
tomorrow: tmr tmrw tomo
message: msg
number: nr nro num
gracias: grax grcs gracia grasias thnks grx
valeu: vlw
obrigado: obg obgd brigado brigada obrigada
beleza: blz
mensagem: msgm
esta: ta
estoy: toy
bueno: weno wueno
nada mas: nomas
tranquilo: tranqui
hasta luego: chao chau bye
mensaje: msj sms
telefono: tel telf fono
celular: cel cell celu
direccion: dir direc
numero: numer
muy: mui
dias: dia
buenas: wenas
estan: tan
necesito: nesesito
quiero: kiero qiero kero
"""

CHAT_WORDS: dict[str, str] = {
    short: full.strip()
    for full, shorts in (line.split(":") for line in _WRITTEN_OUT.strip().splitlines())
    for short in shorts.split()
}
