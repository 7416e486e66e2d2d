/// The part of the host that is written in Lua: the object `k`, the methods of typed values, and
/// guards around library functions that could run for ever inside one instruction.
///
/// It gets the host's functions and the metatable of typed values, and returns `k`.
enum Prelude {
  /// `kscope_where` skips frames of this chunk, so that errors name the plugin's line.
  static let chunkName = "=[kscope]"

  static let source = guards + values + fields + kernel

  private static let guards = #"""
    local native, metatable = ...
    local type, pcall, rawget, ipairs, next, select = type, pcall, rawget, ipairs, next, select
    local gsub, integer = string.gsub, math.tointeger

    -- Matching may take (length ^ repeats) steps inside one instruction: charged before.
    local function charge_pattern(subject, pattern)
      if type(subject) ~= "string" or type(pattern) ~= "string" then return end
      local _, repeats = gsub(pattern, "[*+?%-]", "")
      local _, balanced = gsub(pattern, "%%b", "")
      native.charge_power(#subject + 1, repeats + balanced + 1)
    end
    for _, name in ipairs { "find", "match", "gmatch", "gsub" } do
      local original = string[name]
      string[name] = function(subject, pattern, ...)
        charge_pattern(subject, pattern)
        return original(subject, pattern, ...)
      end
    end

    local rep = string.rep
    function string.rep(text, count, separator)
      native.charge_product(integer(count) or 0, #text + #(separator or "") + 1)
      return rep(text, count, separator)
    end

    local move = table.move
    function table.move(from, first, last, ...)
      native.charge((integer(last) or 0) - (integer(first) or 0))
      return move(from, first, last, ...)
    end
    local concat = table.concat
    function table.concat(list, separator, first, last)
      native.charge((integer(last) or #list) - (integer(first) or 1))
      return concat(list, separator, first, last)
    end
    for name, factor in next, { insert = 1, remove = 1, sort = 32 } do
      local original = table[name]
      table[name] = function(list, ...)
        -- A length that a metamethod made up is no length.
        if type(list) == "table" and #list > 1000 then native.charge_product(#list, factor) end
        return original(list, ...)
      end
    end

    -- Lua calls a message handler inside of the hook that stops runaway code, where hooks are off:
    -- here it is called after the error instead.
    local function handled(handler, ok, ...)
      if ok then return true, ... end
      return false, handler(...)
    end
    function xpcall(f, handler, ...) return handled(handler, pcall(f, ...)) end

    -- Finalisers run with the instruction limit switched off.
    local set = setmetatable
    function setmetatable(object, meta)
      if type(meta) == "table" and rawget(meta, "__gc") ~= nil then
        native.fail("finalisers (__gc) are not available to plugins")
      end
      return set(object, meta)
    end

    """#

  private static let values = #"""
    local methods = {
      field = native.field, index = native.index, deref = native.deref, variant = native.variant,
      len = native.len, num = native.num, str = native.str, bool = native.bool,
      addr = native.addr, exists = native.exists, is_none = native.is_none, some = native.some,
      type = native.type, path = native.path, text = native.text,
    }
    -- Pairs of key (or position, from 0) and value; what is damaged raises after the good part.
    function methods.entries(value)
      local list, problem = native.entries(value)
      local at, count = -1, #list
      return function()
        at = at + 2
        if at <= count then return list[at], list[at + 1] end
        if problem then native.fail(problem) end
      end
    end

    local field, index = native.field, native.index
    metatable.__index = function(value, name)
      if type(name) == "string" then return methods[name] or field(value, name) end
      return index(value, name)
    end
    metatable.__newindex = function() native.fail("typed values cannot be changed") end
    metatable.__len = native.len
    metatable.__tostring = native.text
    metatable.__metatable = "value"

    """#

  private static let fields = #"""
    local k = {}
    local function described(kind, value, ...)
      return { __field = kind, value = value, evidence = { ... } }
    end
    function k.computed(value, ...) return described("computed", value, ...) end
    function k.none(...) return described("none", nil, ...) end
    function k.hex(value, ...) return described("hex", value, ...) end
    function k.address(value, ...) return described("address", value, ...) end
    function k.duration(value, ...) return described("duration", value, ...) end
    function k.text(value, ...) return described("text", value, ...) end
    function k.inferred(value, rule, ...)
      local result = described("inferred", value, ...)
      result.rule = rule
      return result
    end
    function k.unavailable(reason, ...)
      local result = described("unavailable", nil, ...)
      result.rule = reason
      return result
    end
    function k.ref(kind, id, ...)
      local result = described("ref", id, ...)
      result.rule = kind
      return result
    end
    function k.row(self, row) return row or self end
    -- What `f` returns, or an unavailable field with the reason.
    function k.try(f, ...)
      local ok, result = pcall(f, ...)
      if ok then return result end
      return k.unavailable(native.reason(result))
    end
    -- Calls the functions among a row's fields.
    local function complete(row)
      for name, value in next, row do
        if type(value) == "function" then row[name] = k.try(value) end
      end
    end

    """#

  private static let kernel = #"""
    function k:global(path) return native.global(path) end
    function k:exists(path) return native.global_exists(path) end
    function k:type_exists(name) return native.type_exists(name) end
    function k:enum(name) return native.enum(name) end
    function k:symbol(name) return native.symbol(name) end
    function k:register(name, cpu) return native.register(name, cpu) end
    function k:describe(address, space) return native.describe(address, space) end
    function k:read(address, space, size) return native.read(address, space, size) end
    function k:cpus() return native.cpus() end
    function k:evaluate(expression) return native.evaluate(expression) end
    function k:not_initialised(what) return native.not_initialised(what) end

    -- One row for each entry: `f(key, value, row)` fills `row`, or returns rows of its own. When it
    -- fails, the row keeps what it has, its key, and the reason.
    function k:each(container, f, rows)
      rows = rows or {}
      local list, problem = native.entries(container)
      for at = 1, #list, 2 do
        local key, row = list[at], {}
        local ok, result = pcall(f, key, list[at + 1], row)
        if not ok then
          row.problem = native.reason(result)
        elseif type(result) == "table" then
          row = result
        end
        complete(row)
        if next(row) ~= nil then
          if row.id == nil then row.__key = key end
          rows[#rows + 1] = row
        end
      end
      if problem then rows[#rows + 1] = { problem = problem } end
      return rows
    end

    return k
    """#
}
