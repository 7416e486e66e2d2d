// From the first instruction to Rust: EL1, MMU on, upper half, a stack.

.equ OFFSET, 0xffffff8000000000
.equ STACK_SHIFT, 16                    // log2 of stack::STACK_SIZE
.equ RAM, {ram}                         // board::RAM and board::RAM_BLOCKS
.equ RAM_BLOCKS, {ram_blocks}

.section .text.boot, "ax"
.global _start
_start:
    mrs     x1, CurrentEL
    lsr     x1, x1, #2
    mrs     x2, mpidr_el1
    cmp     x1, #2
    b.lo    at_el1
    b.eq    at_el2
    mov     x3, #0x531                  // EL2 and below: 64 bits, not secure, hvc allowed
    msr     scr_el3, x3
    msr     mdcr_el3, xzr
    msr     cptr_el3, xzr
    mov     x3, #0x3c5                  // EL1 on its own stack, everything masked
    msr     spsr_el3, x3
    adr     x3, at_el1
    msr     elr_el3, x3
at_el2:
    mov     x3, #(1 << 31)              // EL1: 64 bits
    msr     hcr_el2, x3
    mov     x3, #3                      // EL1 may use the timers, without an offset
    msr     cnthctl_el2, x3
    msr     cntvoff_el2, xzr
    msr     mdcr_el2, xzr
    mov     x3, #0x33ff                 // no traps to EL2
    msr     cptr_el2, x3
    msr     vmpidr_el2, x2
    mrs     x3, midr_el1
    msr     vpidr_el2, x3
    cmp     x1, #3
    b.eq    1f
    mov     x3, #0x3c5
    msr     spsr_el2, x3
    adr     x3, at_el1
    msr     elr_el2, x3
1:  eret

at_el1:
    and     x19, x2, #0xff              // the number of this CPU
    cbnz    x19, wait_for_release
    adrp    x1, __bss_start
    add     x1, x1, :lo12:__bss_start
    adrp    x2, __bss_end
    add     x2, x2, :lo12:__bss_end
1:  cmp     x1, x2
    b.hs    mmu_on
    stp     xzr, xzr, [x1], #16
    b       1b

// Where no firmware starts the other CPUs, all begin at _start and wait here.
wait_for_release:
    adrp    x1, released_cpus
    add     x1, x1, :lo12:released_cpus
1:  wfe
    ldr     x2, [x1]
    lsr     x2, x2, x19
    tbz     x2, #0, 1b
    b       mmu_on

// PSCI starts the other CPUs here, with their number in x0.
.global secondary_start
secondary_start:
    mov     x19, x0

mmu_on:
    // Both halves use the boot table: the lower half as the identity that carries this code
    // across the switch. The kernel then puts an empty table there.
    adrp    x1, boot_level1
    msr     ttbr0_el1, x1
    msr     ttbr1_el1, x1
    ldr     x1, =0xff00                 // attribute 0: device, 1: normal write-back memory
    msr     mair_el1, x1
    // 39-bit halves, 4 KiB granule, write-back inner shareable walks, 40-bit physical addresses
    ldr     x1, =(25 | 25 << 16 | 0x3500 | 0x3500 << 16 | 2 << 30 | 2 << 32)
    msr     tcr_el1, x1
    tlbi    vmalle1
    dsb     nsh
    isb
    ldr     x1, =0x30d5181d             // M, C, SA, SA0, I; EL0 may use wfi and wfe
    msr     sctlr_el1, x1
    isb
    ldr     x1, =upper_half
    br      x1

upper_half:
    .cfi_startproc
    .cfi_undefined x30                  // the stack begins here
    ldr     x1, =vectors
    msr     vbar_el1, x1
    msr     cpacr_el1, xzr              // floating point traps: nobody may use it
    ldr     x1, ={stacks}
    add     x2, x19, #1
    lsl     x2, x2, #STACK_SHIFT
    add     x1, x1, x2
    mov     sp, x1
    msr     tpidr_el1, x19              // tpidr_el1 holds the CPU's number for good
    mov     x29, xzr
    mov     x30, xzr
    mov     x0, x19
    cbnz    x19, 1f
    bl      {main}
1:  bl      {secondary_main}
    .cfi_endproc

// The idle thread of a CPU. It owns nothing, not even a stack: a trap from here pushes its frame
// on the empty kernel stack of the CPU, exactly as a trap from EL0 does.
.section .text, "ax"
.global idle
.type idle, %function
idle:
    .cfi_startproc
    .cfi_undefined x30                  // nobody called it
    wfi
    b       idle
    .cfi_endproc
.size idle, . - idle

// enter_idle(top of this CPU's kernel stack): the end of a CPU's boot.
.global enter_idle
enter_idle:
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    msr     daifclr, #2
    b       idle

.section .bss.empty_table, "aw", %nobits
.balign 4096
.global empty_level1
empty_level1:                           // the lower half while no space is active
    .space  4096

// The kernel sees physical addresses up to 2 GiB at OFFSET + physical.
.equ TABLE, 0x3
.equ DEVICE, 0x0060000000000401         // never executable
.equ MEMORY, 0x0060000000000705         // never executable
.equ TEXT, 0x0040000000000785           // read-only; EL1 may execute it

.section .data.boot_tables, "aw"
.balign 4096
.global boot_level1
boot_level1:
    .if     RAM
    .quad   DEVICE
    .quad   boot_level2 - OFFSET + TABLE
    .else
    .quad   boot_level2 - OFFSET + TABLE
    .quad   DEVICE + 0x40000000
    .endif
    .fill   510, 8, 0
boot_level2:
    .set    block, RAM
    .quad   MEMORY + block              // what the boot has left: a device tree
    .set    block, block + 0x200000
    .quad   TEXT + block                // kernel text and read-only data
    .rept   RAM_BLOCKS - 2
    .set    block, block + 0x200000
    .quad   MEMORY + block
    .endr
    .rept   512 - RAM_BLOCKS
    .set    block, block + 0x200000
    .quad   DEVICE + block
    .endr

.section .data.released_cpus, "aw"
.balign 8
.global released_cpus
released_cpus:                          // one bit per CPU
    .quad   0
