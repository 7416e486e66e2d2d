// What Swift cannot import of Lua 5.4 (function-like macros), and the code that must be C: whatever
// may raise a Lua error leaves by longjmp, which must never cross a Swift frame.
#pragma once
#include <lauxlib.h>
#include <limits.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KSCOPE_HOOK_INTERVAL = 1000, KSCOPE_MEMORY_PER_STEP = 64, KSCOPE_HOST_CALL = 100 };

enum { KSCOPE_RUNNING = 0, KSCOPE_BUDGET_SPENT = 1, KSCOPE_INTERRUPTED = 2 };

// One per state, reached from it through its extra space.
typedef struct kscope_limits {
  lua_State *state;
  size_t used, limit;  // bytes
  long long budget;    // instructions left; memory and host calls are charged to it too
  int in_host;         // > 0: Swift code is running, no allocation may fail
  int stopped;         // KSCOPE_RUNNING ...; once set, every further instruction raises
  char refused_at[128];  // where the last refused allocation was asked for
  int (*interrupted)(void *context);
  int (*dispatch)(lua_State *L, void *context, int function);  // < 0: raise the message on top
  void *context;
} kscope_limits;

static inline kscope_limits *kscope_limits_of(lua_State *L) {
  kscope_limits *limits;
  memcpy(&limits, lua_getextraspace(L), sizeof limits);
  return limits;
}

// `file:line: ` of the innermost Lua function outside the prelude (its chunk is called `=[kscope]`).
// Allocates nothing.
static inline void kscope_where(lua_State *L, int level, char *out, size_t size) {
  lua_Debug record;
  out[0] = 0;
  for (; level < 32 && lua_getstack(L, level, &record); level++) {
    if (!lua_getinfo(L, "Sl", &record) || record.currentline <= 0) continue;
    if (strcmp(record.source, "=[kscope]") == 0) continue;
    snprintf(out, size, "%s:%d: ", record.short_src, record.currentline);
    return;
  }
}

static inline int kscope_raise(lua_State *L, int level) {
  char place[128];
  kscope_where(L, level, place, sizeof place);
  lua_pushstring(L, place);
  lua_insert(L, -2);
  lua_concat(L, 2);
  return lua_error(L);
}

static inline void *kscope_allocate(void *data, void *block, size_t old, size_t size) {
  kscope_limits *limits = (kscope_limits *)data;
  size_t before = block ? old : 0;  // without a block, `old` is the kind of object
  if (size == 0) {
    free(block);
    limits->used -= before;
    return NULL;
  }
  if (size > before) {
    size_t growth = size - before;
    limits->budget -= (long long)(growth / KSCOPE_MEMORY_PER_STEP);
    int refused = growth > limits->limit || limits->used > limits->limit - growth;
    if (refused && limits->in_host == 0) {
      if (limits->state)
        kscope_where(limits->state, 0, limits->refused_at, sizeof limits->refused_at);
      return NULL;
    }
  }
  void *result = realloc(block, size);
  if (result) limits->used += size - before;
  return result;
}

// Runs every KSCOPE_HOOK_INTERVAL instructions. Once stopped it runs at each instruction, so that
// code which catches the error with `pcall` and goes on is stopped again at once.
static inline void kscope_hook(lua_State *L, lua_Debug *record) {
  (void)record;
  kscope_limits *limits = kscope_limits_of(L);
  if (limits->stopped == KSCOPE_RUNNING) {
    limits->budget -= KSCOPE_HOOK_INTERVAL;
    if (limits->budget <= 0) limits->stopped = KSCOPE_BUDGET_SPENT;
    if (limits->interrupted(limits->context)) limits->stopped = KSCOPE_INTERRUPTED;
    if (limits->stopped == KSCOPE_RUNNING) return;
    lua_sethook(L, kscope_hook, LUA_MASKCOUNT, 1);
  }
  lua_pushstring(
      L, limits->stopped == KSCOPE_INTERRUPTED ? "interrupted" : "stopped: it runs for too long");
  kscope_raise(L, 0);
}

// The only frame between Lua and Swift; Swift's own is gone when this one raises.
static inline int kscope_trampoline(lua_State *L) {
  kscope_limits *limits = kscope_limits_of(L);
  int function = (int)lua_tointeger(L, lua_upvalueindex(1));
  limits->budget -= KSCOPE_HOST_CALL;
  limits->in_host++;
  int count = limits->dispatch(L, limits->context, function);
  limits->in_host--;
  if (count < 0) return kscope_raise(L, 1);
  if (limits->used > limits->limit) {
    lua_pushstring(L, "not enough memory");
    return kscope_raise(L, 1);
  }
  return count;
}

static inline int kscope_open(lua_State *L) {
  static const luaL_Reg libraries[] = {
      {LUA_GNAME, luaopen_base},       {LUA_TABLIBNAME, luaopen_table},
      {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},
      {LUA_UTF8LIBNAME, luaopen_utf8}};
  static const char *const forbidden[] = {"dofile", "loadfile", "load",
                                          "collectgarbage", "print", "warn"};
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
    luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
    lua_pop(L, 1);
  }
  for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
    lua_pushnil(L);
    lua_setglobal(L, forbidden[i]);
  }
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "kscope.value");
  return 0;
}

// A state with the libraries that plugins may use, or NULL: out of memory.
static inline lua_State *kscope_new_state(kscope_limits *limits) {
  limits->in_host = 1;
  lua_State *L = lua_newstate(kscope_allocate, limits);
  if (!L) return NULL;
  memcpy(lua_getextraspace(L), &limits, sizeof limits);
  limits->state = L;
  lua_pushcfunction(L, kscope_open);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
    lua_close(L);
    return NULL;
  }
  return L;
}

// Calls with a fresh budget. Swift code around it holds `in_host`; inside it is Lua's.
static inline int kscope_call(lua_State *L, int arguments, int results, long long budget) {
  kscope_limits *limits = kscope_limits_of(L);
  int saved = limits->in_host;
  limits->budget = budget;
  limits->stopped = KSCOPE_RUNNING;
  limits->refused_at[0] = 0;
  lua_sethook(L, kscope_hook, LUA_MASKCOUNT, KSCOPE_HOOK_INTERVAL);
  limits->in_host = 0;
  int status = lua_pcall(L, arguments, results, 0);
  limits->in_host = saved;
  return status;
}

static inline int kscope_load(lua_State *L, const char *text, size_t size, const char *name) {
  return luaL_loadbufferx(L, text, size, name, "t");
}

static inline void kscope_push_function(lua_State *L, int function) {
  lua_pushinteger(L, function);
  lua_pushcclosure(L, kscope_trampoline, 1);
}

// A typed value: an index into the host's own table.
static inline void kscope_push_value(lua_State *L, unsigned long long handle) {
  void *block = lua_newuserdatauv(L, sizeof handle, 0);
  memcpy(block, &handle, sizeof handle);
  lua_getfield(L, LUA_REGISTRYINDEX, "kscope.value");
  lua_setmetatable(L, -2);
}

// Whether there is a typed value at `index`; gives its handle.
static inline int kscope_get_value(lua_State *L, int index, unsigned long long *handle) {
  void *block = luaL_testudata(L, index, "kscope.value");
  if (!block) return 0;
  memcpy(handle, block, sizeof *handle);
  return 1;
}

static inline int kscope_registry(void) { return LUA_REGISTRYINDEX; }
static inline void kscope_pop(lua_State *L, int count) { lua_pop(L, count); }
