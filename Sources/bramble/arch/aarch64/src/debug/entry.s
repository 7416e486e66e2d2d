// Into the debugger and out again, without a word of the kernel's own memory: each CPU has an area
// that holds the interrupted context and, growing down from its end, a stack.

.equ AREA_SHIFT, 14                     // log2 of context::AREA_SIZE; 64 KiB hold all areas
.equ SCRATCH, 296
.equ STACK, (1 << AREA_SHIFT) - 16      // a multiple of 16 inside the area

// This CPU's area. All areas begin at a multiple of 64 KiB: a CPU's offset is below that.
.macro debug_area register
    mrs     \register, tpidr_el1
    lsl     \register, \register, #AREA_SHIFT
    movk    \register, #:abs_g3:{areas}
    movk    \register, #:abs_g2_nc:{areas}
    movk    \register, #:abs_g1_nc:{areas}
.endm

// tpidrro_el0 holds x0 meanwhile: EL0 has no use for it, and finds it empty.
.macro debug_begin
    msr     tpidrro_el0, x0
    debug_area x0
    str     x1, [x0, #SCRATCH]
.endm

// The numbers are those of debug::trap::kind.
.macro debug_vector kind
    .balign 0x80
    debug_begin
    mov     x1, #\kind
    b       debug_entry
.endm

// A synchronous exception of the kernel; of the debugger itself if the stack is the area's.
.macro debug_vector_kernel
    .balign 0x80
    debug_begin
    mov     x1, sp
    eor     x1, x1, x0
    lsr     x1, x1, #AREA_SHIFT
    cbz     x1, debug_fault
    mov     x1, #0
    b       debug_entry
.endm

// A synchronous exception of EL0: for the debugger if it is a debug exception or the instruction of
// an inserted breakpoint.
.macro debug_vector_user
    .balign 0x80
    msr     tpidrro_el0, x0
    mrs     x0, esr_el1
    ubfx    x0, x0, #26, #6
    sub     x0, x0, #0x30               // classes 0x30..0x35
    cmp     x0, #5
    b.ls    1f
    cmp     x0, #0x3c - 0x30            // brk
    b.ne    2f
    mrs     x0, esr_el1
    and     x0, x0, #0xffff
    cmp     x0, #{breakpoint}
    b.eq    1f
2:  mrs     x0, tpidrro_el0
    msr     tpidrro_el0, xzr
    sub     sp, sp, #FRAME
    stp     x0, x1, [sp]
    mov     x1, #2
    b       trap_entry
1:  mrs     x0, tpidrro_el0
    debug_begin
    mov     x1, #2
    b       debug_entry
.endm

.section .text, "ax"
// The debugger touched memory that does not answer: its access has failed. Anything else is its end.
debug_fault:
    mrs     x0, elr_el1
    adr     x1, debug_access
    sub     x0, x0, x1
    cmp     x0, #(debug_access_end - debug_access)
    adr     x0, debug_access_end
    adr     x1, debug_end
    csel    x0, x0, x1, lo
    msr     elr_el1, x0
    eret
debug_end:
    wfi
    b       debug_end

// Accesses that may fail. Each leaves the value in x0 and in x1 whether it failed.
debug_access:
.global debug_load_byte
debug_load_byte:
    ldrb    w0, [x0]
    mov     x1, #0
    ret
.global debug_load_word
debug_load_word:
    ldr     w0, [x0]
    mov     x1, #0
    ret
.global debug_store_byte
debug_store_byte:
    strb    w1, [x0]
    mov     x1, #0
    ret
.global debug_store_word
debug_store_word:
    str     w1, [x0]
    mov     x1, #0
    ret
debug_access_end:
    mov     x1, #1
    ret

// x0: the area, x1: the kind. The order of the stores is that of context::Context. As for
// trap_entry, the call frame information leads to the interrupted program.
.type debug_entry, %function
debug_entry:
    .cfi_startproc
    .cfi_signal_frame
    .cfi_return_column 32
    .cfi_def_cfa sp, 16
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    .cfi_offset \n, \n * 8 - STACK - 16
    .endr
    .cfi_offset 31, 248 - STACK - 16
    .cfi_offset 32, 264 - STACK - 16
    stp     x2, x3, [x0, #16]
    mrs     x2, tpidrro_el0
    ldr     x3, [x0, #SCRATCH]
    stp     x2, x3, [x0]
    stp     x4, x5, [x0, #32]
    stp     x6, x7, [x0, #48]
    stp     x8, x9, [x0, #64]
    stp     x10, x11, [x0, #80]
    stp     x12, x13, [x0, #96]
    stp     x14, x15, [x0, #112]
    stp     x16, x17, [x0, #128]
    stp     x18, x19, [x0, #144]
    stp     x20, x21, [x0, #160]
    stp     x22, x23, [x0, #176]
    stp     x24, x25, [x0, #192]
    stp     x26, x27, [x0, #208]
    stp     x28, x29, [x0, #224]
    mov     x2, sp
    stp     x30, x2, [x0, #240]
    mrs     x2, sp_el0
    mrs     x3, elr_el1
    stp     x2, x3, [x0, #256]
    mrs     x2, spsr_el1
    mrs     x3, esr_el1
    stp     x2, x3, [x0, #272]
    mrs     x2, far_el1
    str     x2, [x0, #288]
    msr     tpidrro_el0, xzr
    mov     x2, #STACK
    add     x2, x0, x2
    mov     sp, x2
    mov     x29, xzr                    // the chain of frame pointers ends here
    mov     x30, xzr
    bl      {debug_trap}
    mov     x1, x0
    mov     x2, #STACK
    mov     x0, sp
    sub     x0, x0, x2
    ldr     x2, [x0, #288]
    msr     far_el1, x2
    ldp     x2, x3, [x0, #272]
    msr     spsr_el1, x2
    msr     esr_el1, x3
    ldp     x2, x3, [x0, #256]
    msr     sp_el0, x2
    msr     elr_el1, x3
    ldp     x30, x2, [x0, #240]
    mov     sp, x2
    ldp     x28, x29, [x0, #224]
    ldp     x26, x27, [x0, #208]
    ldp     x24, x25, [x0, #192]
    ldp     x22, x23, [x0, #176]
    ldp     x20, x21, [x0, #160]
    ldp     x18, x19, [x0, #144]
    ldp     x16, x17, [x0, #128]
    ldp     x14, x15, [x0, #112]
    ldp     x12, x13, [x0, #96]
    ldp     x10, x11, [x0, #80]
    ldp     x8, x9, [x0, #64]
    ldp     x6, x7, [x0, #48]
    ldp     x4, x5, [x0, #32]
    ldp     x2, x3, [x0, #16]
    cbnz    x1, 1f
    ldp     x0, x1, [x0]
    eret
    // Not the debugger's: what the kernel does of a trap of its own (1) or of EL0 (2).
1:  sub     sp, sp, #FRAME
    tbnz    x1, #1, 2f
    ldp     x0, x1, [x0]
    stp     x0, x1, [sp]
    mov     x1, #0
    b       trap_entry
2:  ldp     x0, x1, [x0]
    stp     x0, x1, [sp]
    mov     x1, #2
    b       trap_entry
    .cfi_endproc
.size debug_entry, . - debug_entry
