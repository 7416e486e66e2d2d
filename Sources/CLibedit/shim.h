// libedit's variadic calls as functions with fixed arguments, which Swift can call.
#include <histedit.h>
#include <locale.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

typedef char *(*kscope_prompt)(EditLine *);
typedef unsigned char (*kscope_key)(EditLine *, int);

static inline EditLine *kscope_el_init(const char *name) {
  return el_init(name, stdin, stdout, stderr);
}
/// The escape sequences of the prompt stand between \1 and \1.
static inline int kscope_el_prompt(EditLine *e, kscope_prompt f) {
  return el_set(e, EL_PROMPT_ESC, f, '\1');
}
static inline int kscope_el_editor(EditLine *e, const char *name) {
  return el_set(e, EL_EDITOR, name);
}
static inline int kscope_el_signal(EditLine *e, int on) { return el_set(e, EL_SIGNAL, on); }
/// Makes the terminal ready for typing before the prompt is printed: keys after it are not lost.
static inline int kscope_el_prepare(EditLine *e) { return el_set(e, EL_PREP_TERM, 1); }
static inline int kscope_el_function(
    EditLine *e, const char *name, const char *help, kscope_key f) {
  return el_set(e, EL_ADDFN, name, help, f);
}
static inline int kscope_el_bind(EditLine *e, const char *key, const char *name) {
  return el_set(e, EL_BIND, key, name, NULL);
}
static inline int kscope_el_reader(EditLine *e, el_rfunc_t f) {
  return el_set(e, EL_GETCFN, f);
}
static inline int kscope_el_set_data(EditLine *e, void *data) {
  return el_set(e, EL_CLIENTDATA, data);
}
static inline void *kscope_el_data(EditLine *e) {
  void *data = NULL;
  el_get(e, EL_CLIENTDATA, &data);
  return data;
}
static inline int kscope_el_history(EditLine *e, History *h) {
  return el_set(e, EL_HIST, history, h);
}
static inline int kscope_history_number(History *h, int operation, int value) {
  HistEvent event;
  return history(h, &event, operation, value);
}
static inline int kscope_history_text(History *h, int operation, const char *text) {
  HistEvent event;
  return history(h, &event, operation, text);
}
/// The user's locale, or one with UTF-8 when that one has not.
static inline void kscope_use_utf8(void) {
  setlocale(LC_CTYPE, "");
  if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
}
