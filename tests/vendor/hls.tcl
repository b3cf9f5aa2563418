# The commands of Vitis HLS that the template uses, checked for options, order and sense.

array set hls {project "" top "" solution "" part "" period "" done 0 files {}}

proc hls_needs {what} {
    if {$::hls($what) eq ""} {
        error "no $what yet"
    }
}

command open_project {-reset -upgrade} 1 1 {
    array set ::hls {top "" solution "" part "" period "" done 0 files {}}
    set ::hls(project) [lindex $rest 0]
    file mkdir $::hls(project)
}

command set_top {} 1 1 {
    hls_needs project
    set ::hls(top) [lindex $rest 0]
}

command add_files {-tb -cflags= -csimflags= -blackbox=} 1 1 {
    hls_needs project
    if {![file isfile [lindex $rest 0]]} {
        error "\[HLS 200-642\] the file [lindex $rest 0] does not exist"
    }
    lappend ::hls(files) [lindex $rest 0]
}

command open_solution {-reset -flow_target=} 1 1 {
    hls_needs project
    if {[info exists given(flow_target)] && $given(flow_target) ni {vivado vitis}} {
        error "unknown flow target $given(flow_target)"
    }
    set ::hls(solution) [lindex $rest 0]
}

command set_part {} 1 1 {
    hls_needs solution
    if {[lindex $rest 0] ni [known_parts]} {
        error "\[HLS 200-1023\] Part '[lindex $rest 0]' is not installed"
    }
    set ::hls(part) [lindex $rest 0]
}

command create_clock {-period= -name=} 0 1 {
    hls_needs solution
    if {![string is double -strict $given(period)] || $given(period) <= 0} {
        error "the period $given(period) is no time"
    }
    set ::hls(period) $given(period)
}

command csynth_design {-synthesis_check} 0 0 {
    foreach what {top files part period} {
        hls_needs $what
    }
    if {[break_here kernels]} {
        error "csynth_design failed"
    }
    set source ""
    foreach name $::hls(files) {
        set file [open $name]
        append source [read $file]
        close $file
    }
    if {![regexp "\\m$::hls(top)\\s*\\(" $source]} {
        error "\[HLS 200-1715\] there is no function $::hls(top)"
    }
    set ::hls(done) 1
    set ::hls(interfaces) {}
    foreach {all bundle} [regexp -all -inline {INTERFACE m_axi [^\n]*bundle *= *(\w+)} $source] {
        dict set ::hls(interfaces) m_axi_$bundle master
    }
    if {[regexp {INTERFACE s_axilite} $source]} {
        dict set ::hls(interfaces) s_axi_control slave
    }
}

command export_design {-format= -vendor= -library= -version= -output= -rtl=} 0 0 {
    if {!$::hls(done)} {
        error "csynth_design has not run"
    }
    if {$given(format) ni {ip_catalog xo syn_dcp}} {
        error "unknown format $given(format)"
    }
    set folder $::hls(project)/$::hls(solution)/impl/ip
    file mkdir $folder
    set file [open $folder/component.xml w]
    puts $file "<spirit:component>\n<spirit:vendor>xilinx.com</spirit:vendor>"
    puts $file "<spirit:library>hls</spirit:library>\n<spirit:name>$::hls(top)</spirit:name>"
    puts $file "<spirit:version>1.0</spirit:version>"
    dict for {name mode} $::hls(interfaces) {
        puts $file "<spirit:busInterface><spirit:name>$name</spirit:name><spirit:$mode/></spirit:busInterface>"
    }
    puts $file "<part>$::hls(part)</part><period>$::hls(period)</period>\n</spirit:component>"
    close $file
}

command close_project {} 0 0 {
    hls_needs project
    set ::hls(project) ""
}

# Every part that the catalogue and the tests' own boards name.
proc known_parts {} {
    set file [open $::env(STANDIN_BOARDS)]
    set lines [split [string trim [read $file]] "\n"]
    close $file
    return [lmap line $lines {lindex $line 1}]
}
