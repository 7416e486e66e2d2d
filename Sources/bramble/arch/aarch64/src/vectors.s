// Exception vectors. Every trap pushes a TrapFrame (FRAME bytes) on the kernel stack of its CPU and
// calls trap().

.macro vector kind
    .balign 0x80
    sub     sp, sp, #FRAME
    stp     x0, x1, [sp]
    mov     x1, #\kind
    b       trap_entry
.endm

// The numbers are those of trap::Kind.
.section .text, "ax"
.balign 0x800
.global vectors
vectors:
    vector 0                            // EL1 on SP_EL0: never used
    vector 0
    vector 0
    vector 0
    debug_vector_kernel                 // EL1: synchronous is a kernel bug, or for the debugger,
    vector 1                            //      an interrupt comes from the idle loop only
    debug_vector 1                      //      a fast one from everywhere
    vector 0
    debug_vector_user                   // EL0: synchronous
    vector 3                            //      interrupt
    debug_vector 1
    vector 0
    vector 0                            // AArch32: never used
    vector 0
    vector 0
    vector 0

// The call frame information says where the frame keeps each register, so that an unwinder walks
// from the kernel into the program that trapped. The return address is column 32, the pc.
.type trap_entry, %function
trap_entry:
    .cfi_startproc
    .cfi_signal_frame
    .cfi_return_column 32
    .cfi_def_cfa sp, FRAME
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    .cfi_offset \n, \n * 8 - FRAME
    .endr
    .cfi_offset 31, 248 - FRAME
    .cfi_offset 32, 256 - FRAME
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    mrs     x2, sp_el0
    stp     x30, x2, [sp, #240]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [sp, #256]
    mov     x0, sp
    mov     x29, xzr                    // the chain of frame pointers ends at the trap
    mov     x30, xzr
    msr     daifclr, #9                 // the debugger may come, now that elr and spsr are saved
    bl      {trap}
    msr     daifset, #9
    ldp     x2, x3, [sp, #256]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x30, x2, [sp, #240]
    msr     sp_el0, x2
    ldp     x28, x29, [sp, #224]
    ldp     x26, x27, [sp, #208]
    ldp     x24, x25, [sp, #192]
    ldp     x22, x23, [sp, #176]
    ldp     x20, x21, [sp, #160]
    ldp     x18, x19, [sp, #144]
    ldp     x16, x17, [sp, #128]
    ldp     x14, x15, [sp, #112]
    ldp     x12, x13, [sp, #96]
    ldp     x10, x11, [sp, #80]
    ldp     x8, x9, [sp, #64]
    ldp     x6, x7, [sp, #48]
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp]
    add     sp, sp, #FRAME
    eret
    .cfi_endproc
.size trap_entry, . - trap_entry
