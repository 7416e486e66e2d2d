// From QEMU's first instruction to Rust: MMU on, upper half, a stack.

.equ OFFSET, 0xffffff8000000000
.equ STACK_SHIFT, 16                    // log2 of stack::STACK_SIZE

.section .text.boot, "ax"
.global _start
_start:
    mrs     x1, CurrentEL
    cmp     x1, #(1 << 2)               // this first version knows EL1 only
    b.ne    halt
    mov     x19, #0                     // the CPU that boots is CPU 0
    adrp    x1, __bss_start
    add     x1, x1, :lo12:__bss_start
    adrp    x2, __bss_end
    add     x2, x2, :lo12:__bss_end
1:  cmp     x1, x2
    b.hs    mmu_on
    stp     xzr, xzr, [x1], #16
    b       1b

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

halt:
    wfi
    b       halt

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

// Physical 0..1 GiB holds the devices, 1..2 GiB the RAM; the kernel sees both at OFFSET + physical.
.section .data.boot_tables, "aw"
.balign 4096
.global boot_level1
boot_level1:
    .quad   0x0060000000000401          // devices: never executable
    .quad   boot_level2 - OFFSET + 3
    .fill   510, 8, 0
boot_level2:
    .quad   0x0060000040000705          // device tree
    .quad   0x0040000040200785          // kernel text and read-only data
    .set    block, 0x40400000
    .rept   510
    .quad   0x0060000000000705 + block
    .set    block, block + 0x200000
    .endr
