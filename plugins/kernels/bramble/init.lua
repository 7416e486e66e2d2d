-- bramble: kscope's reference kernel. Types are written above each function as rustc names them;
-- typed values look through Mutex, Arc, newtypes and atomics by themselves.

local M = {
  name = "bramble",
  api = 1,
  -- Called right after the truth lines, all CPUs standing still.
  ready = "bramble_truth_end",
  -- core::sync::atomic::AtomicUsize
  kernel_root = "bramble::memory::KERNEL_ROOT",
  trap_frame = {
    type = "bramble::arch::aarch64::trap::TrapFrame",
    entries = { "trap_entry" },
    registers = { x = "x", sp = "sp", pc = "pc", cpsr = "pstate" },
  },
}

local THREADS = "bramble::thread::THREAD_MAP"
local DOMAINS = "bramble::domain::DOMAIN_MAP"
local SPACES = "bramble::space::SPACE_MAP"
local ENDPOINTS = "bramble::ipc::ENDPOINT_MAP"
local RECOVERY = "bramble::recovery::RECOVERY_LOG"
local CPUS = "bramble::cpu::CPUS"

function M.detect(k)
  local found = 0
  for _, path in ipairs { THREADS, DOMAINS, SPACES, ENDPOINTS, RECOVERY } do
    if k:exists(path) then found = found + 20 end
  end
  return found
end

-- Mutex<BTreeMap<Tid, Thread>>; Thread(Arc<ControlBlock>)
local function threads(k)
  local map = k:global(THREADS)
  if map:len() == 0 then k:not_initialised("THREAD_MAP is empty") end
  return map
end

-- Option<DomainId>, Option<SpaceId>, Option<Tid>: a reference, or certainly nothing.
local function optional_ref(k, kind, option)
  local id = option:some()
  if id == nil then return k.none(option) end
  return k.ref(kind, id, option)
end

-- Option<Space>; Space(Arc<SpaceBlock>): the space's number, nil for the kernel's.
local function space_id(option)
  local space = option:some()
  return space and space.id
end

-- Cpu at its place in [Cpu; 4]
local function cpu_record(k, id) return k:global(CPUS)[id] end

-- Option<Thread>, Cpu
function M.cpus(k)
  local rows = {}
  for _, id in ipairs(k:cpus()) do
    local row = { id = id }
    local ok, problem = pcall(function()
      local cpu = cpu_record(k, id)
      local thread = cpu.current:some()
      if thread == nil then
        row.thread = k.none(cpu.current)
        row.state = k.inferred("halted", "the kernel has not set this CPU up", cpu.current)
        return
      end
      row.thread = k.ref("thread", thread.id, cpu.current)
      local idle = thread.state:variant() == "Idle"
      row.state = k.computed(idle and "idle" or "running", thread.state)
      local queue = {}
      for _, waiting in cpu.run_queue:entries() do
        queue[#queue + 1] = k.ref("thread", waiting.id)
      end
      row.run_queue = k.computed(queue, cpu.run_queue)
    end)
    if not ok then row.problem = problem end
    rows[#rows + 1] = row
  end
  return rows
end

-- Wait: what a blocked thread does, the object it waits for
local function wait(k, state, value)
  local kind, payload = value:variant()
  if kind == "Send" then return "send", k.ref("endpoint", payload.id, state) end
  if kind == "Receive" then return "receive", k.ref("endpoint", payload.id, state) end
  if kind == "Queue" then return "queue", k.ref("endpoint", payload.id, state) end
  if kind == "Reply" then return "reply", k.ref("thread", payload.server, state) end
  if kind == "Sleep" then return "sleep", k.none(state) end
  return kind, k.unavailable("a wait that this plugin does not know: " .. kind, state)
end

-- ControlBlock: where the thread is at EL0. A running thread's registers are in its CPU, or in
-- the frame of the trap that this CPU handles (Cpu.frame: Option<*mut TrapFrame>).
local function program_counter(k, thread, state)
  if state == "Idle" then return k.none(thread.state) end
  local id = thread.cpu:some()
  if id == nil then return thread.context.pc end
  local frame = cpu_record(k, id:num()).frame
  local trapped = frame:some()
  if trapped ~= nil then return k.computed(trapped:deref().pc, frame) end
  return k.address(k:register("pc", id:num()), thread.cpu)
end

-- Tid, Thread
function M.threads(k)
  return k:each(threads(k), function(id, thread, row)
    row.id = id
    row.name = thread.name
    local state, blocked = thread.state:variant()
    row.state = k.computed(state:lower(), thread.state)
    row.detail, row.blocked_on = k.none(thread.state), k.none(thread.state)
    row.since = k.none(thread.state)
    if state == "Blocked" then
      local detail, object = wait(k, thread.state, blocked)
      row.detail, row.blocked_on = k.computed(detail, thread.state), object
      row.since = thread.since
    end
    row.cpu = thread.cpu
    row.priority = thread.priority
    row.domain = thread.domain.id
    local space = space_id(thread.space)
    row.space = space and k.ref("space", space, thread.space) or k.none(thread.space)
    row.parent = thread.parent
    row.generation = thread.generation
    row.pc = k.try(program_counter, k, thread, state)
    local stack = thread.stack
    row.stack = k.computed(
      ("0x%016x-0x%016x"):format(stack.start:num(), stack:field("end"):num()), stack)
  end)
end

-- DomainId, Domain(Arc<DomainBlock>)
function M.domains(k)
  return k:each(k:global(DOMAINS), function(id, domain, row)
    row.id = id
    row.name = domain.name
    row.isolation = domain.isolation
    row.image = domain.image
    local space = space_id(domain.space)
    -- The kernel's own domain lives in the kernel's space, which is no object: 0.
    row.space = k.ref("space", space or 0, domain.space)
    row.state = k.computed(domain.alive:bool() and "running" or "dead", domain.alive)
    row.generation = domain.generation
    local members = {}
    for _, thread in domain.threads:entries() do members[#members + 1] = k.ref("thread", thread) end
    row.threads = k.computed(members, domain.threads)
    local held = 0
    for _, slot in domain.capabilities.slots:entries() do
      if not slot:is_none() then held = held + 1 end
    end
    row.capabilities = k.computed(held, domain.capabilities.slots)
    local handler = domain.handler:some()
    row.handler = handler and handler.entry or k.none(domain.handler)
  end)
end

-- Which domains live in which space, by the space's number; 0 is the kernel's.
local function domains_by_space(k)
  local result = {}
  for id, domain in k:global(DOMAINS):entries() do
    local space = space_id(domain.space)
    local key = space and space:num() or 0
    result[key] = result[key] or {}
    table.insert(result[key], k.ref("domain", id, domain.space))
  end
  return result
end

-- SpaceId, Space(Arc<SpaceBlock>); space 0 is not in the map: its root is a static of its own.
function M.spaces(k)
  local domains = k.try(domains_by_space, k)
  local unknown = domains.__field and domains
  local root = k:global(M.kernel_root)
  if root:num() == 0 then k:not_initialised("KERNEL_ROOT is 0") end
  local rows = {
    {
      id = 0,
      root = root,
      -- The one domain without a space of its own.
      owner = unknown or (domains[0] or {})[1],
      domains = unknown or domains[0] or {},
    },
  }
  return k:each(k:global(SPACES), function(id, space, row)
    row.id = id
    row.root = space.root
    row.owner = space.owner
    row.domains = unknown or domains[id:num()] or {}
  end, rows)
end

local RIGHTS = { { 1, "s" }, { 2, "r" }, { 4, "g" }, { 8, "c" } }

-- u8, a mask of bramble_abi::rights: `sr--`
local function rights(mask)
  local letters = ""
  for _, right in ipairs(RIGHTS) do
    letters = letters .. (mask & right[1] ~= 0 and right[2] or "-")
  end
  return letters
end

-- Object
local function object(k, value)
  local kind, payload = value:variant()
  if kind == "Console" then return k.ref("console", 0, value) end
  return k.ref(kind:lower(), payload.id, value)
end

-- DomainId, Domain; Vec<Option<Capability>>
function M.capabilities(k)
  local rows = {}
  k:each(k:global(DOMAINS), function(id, domain, failed)
    failed.id = tostring(id) .. ":?"
    k:each(domain.capabilities.slots, function(slot, entry, row)
      local capability = entry:some()
      if capability == nil then return end
      row.domain = k.ref("domain", id, domain.id)
      row.slot = k.computed(slot, entry)
      row.object = object(k, capability.object)
      row.rights = k.computed(rights(capability.rights:num()), capability.rights)
      row.badge = capability.badge
      local origin = capability.parent:some()
      if origin == nil then
        row.parent = k.none(capability.parent)
      else
        local from = ("%d:%d"):format(origin.domain:num(), origin.slot:num())
        row.parent = k.ref("capability", from, capability.parent)
      end
    end, rows)
    failed.id = nil
  end, rows)
  return rows
end

-- Mutex<VecDeque<Thread>>, or of Sender { thread: Thread, .. }
local function queued(k, queue, thread_of)
  local list = {}
  for _, item in queue:entries() do list[#list + 1] = k.ref("thread", thread_of(item).id) end
  return k.computed(list, queue)
end

-- EndpointId, Endpoint(Arc<EndpointBlock>)
function M.endpoints(k)
  return k:each(k:global(ENDPOINTS), function(id, endpoint, row)
    row.id = id
    row.name = endpoint.name
    local kind, queue = endpoint.kind:variant()
    row.kind = k.computed(kind:lower(), endpoint.kind)
    row.owner = endpoint.owner
    if kind == "Queue" then
      row.capacity = queue.capacity
      row.depth = k.computed(endpoint.messages:len(), endpoint.messages)
    else
      row.capacity = k.none(endpoint.kind)
      row.depth = k.computed(endpoint.senders:len(), endpoint.senders)
    end
    row.senders = queued(k, endpoint.senders, function(sender) return sender.thread end)
    row.receivers = queued(k, endpoint.receivers, function(thread) return thread end)
  end)
end

-- Endpoint; Message
function M.messages(k)
  local rows = {}
  k:each(k:global(ENDPOINTS), function(id, endpoint)
    k:each(endpoint.messages, function(position, message, row)
      row.endpoint = k.ref("endpoint", id, endpoint.id)
      row.position = position
      row.sender = message.sender
      row.badge = message.badge
      row.label = message.label
      local words = {}
      for _, word in message.words:entries() do words[#words + 1] = k.hex(word) end
      row.words = k.computed(words, message.words)
    end, rows)
  end, rows)
  return rows
end

-- Mutex<RecoveryLog>; VecDeque<RecoveryEvent>
function M.recovery(k)
  return k:each(k:global(RECOVERY).events, function(_, event, row)
    row.id = event.sequence
    row.time = event.time
    row.domain = event.domain
    row.thread = event.thread
    row.cause = event.cause
    row.pc = event.pc
    row.fault_address = event.fault_address:num() ~= 0 and event.fault_address
      or k.none(event.fault_address)
    row.frames = event.frames
    row.pads = event.pads
    local pads = {}
    for _, pad in event.pad_addresses:entries() do pads[#pads + 1] = k.address(pad) end
    row.pad_addresses = k.computed(pads, event.pad_addresses)
    row.released_blocks = event.released_blocks
    row.released_locks = event.released_locks
    row.outcome = event.outcome
    row.generation = event.generation
    row.duration = event.duration
    row.source = "kernel log"
  end)
end

-- Option<Space>: where each image is loaded, by the domains that run it.
function M.images(k)
  local rows = {}
  for _, domain in k:global(DOMAINS):entries() do
    local space = space_id(domain.space)
    if space then rows[#rows + 1] = { image = domain.image, space = space } end
  end
  return rows
end

-- Thread: TrapFrame in ControlBlock.context, unless it runs. A dead thread's are those it died with.
function M.context(k, id)
  local thread = threads(k)[id]
  local cpu = thread.cpu:some()
  if cpu ~= nil then return { cpu = cpu } end
  return { frame = thread.context, space = space_id(thread.space) }
end

return M
