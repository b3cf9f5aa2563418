# The commands of Vivado that the template uses, checked for options, order and sense. State stands in
# arrays; objects are their names, cells and pins with a leading slash, as Vivado prints them.

array set project {open 0 part "" board_part "" repos {} ip_repos {} segmented false}
array set bd {name "" valid 0 saved 0 assigned 0}
array set fileset {top "" files {} constraints {}}
array set run_state {synth_1 "" impl_1 ""}
set cells [dict create]      ;# path: core, config, pins, interfaces
set nets [dict create]       ;# sink pin: driver
set links [dict create]      ;# interface pin: the other end
set externals {}             ;# pins and ports of the top
set segments [dict create]   ;# assigned: {space segment} -> offset
set noc_solution ""
set opened ""
set preset_done {}

source $::env(STANDIN_CATALOGUE)   ;# cores, conditions, presets

proc needs_project {} { if {!$::project(open)} { error "\[Common 17-53\] no open project" } }
proc needs_design {} { if {$::bd(name) eq ""} { error "\[BD 5-4\] no current block design" } }
proc changed {} { array set ::bd {valid 0 saved 0 assigned 0} }

# Lines of a board part and its FPGA; "-" stands where a FPGA is installed and a board is not.
proc installed {} {
    set file [open $::env(STANDIN_BOARDS)]
    set found [split [string trim [read $file]] "\n"]
    close $file
    return $found
}

proc installed_boards {} {
    set found [lsearch -all -inline -not -glob [installed] "- *"]
    foreach repo $::project(repos) {
        foreach name [glob -nocomplain -directory $repo */board.xml */*/board.xml] {
            set file [open $name]
            set text [read $file]
            close $file
            regexp {<board [^>]*vendor="([^"]+)"[^>]* name="([^"]+)"} $text all vendor board
            regexp {<file_version>([^<]+)<} $text all version
            regexp {part_name="([^"]+)"} $text all part
            lappend found [list $vendor:$board:part0:$version $part]
        }
    }
    return $found
}

command version {-short} 0 0 { return [setting VERSION 2024.1] }

command set_param {} 2 2 {
    lassign $rest name value
    if {$name ne "board.repoPaths"} { error "\[Common 17-167\] unknown parameter $name" }
    foreach path $value { if {![file isdirectory $path]} { error "no such folder: $path" } }
    set ::project(repos) $value
}

command create_project {-part= -force -in_memory} 0 2 {
    if {$::project(open)} { error "a project is open already" }
    if {$given(part) ni [lmap line [installed] {lindex $line 1}]} {
        error "\[Coretcl 2-106\] Specified part could not be found: $given(part)"
    }
    set folder [expr {[llength $rest] > 1 ? [lindex $rest 1] : "."}]
    if {[file exists $folder/[lindex $rest 0].xpr] && ![info exists given(force)]} {
        error "\[Common 17-53\] the project exists already"
    }
    file mkdir $folder
    close [open $folder/[lindex $rest 0].xpr w]
    array set ::project [list open 1 name [lindex $rest 0] folder [file normalize $folder] part $given(part)]
}

command get_projects {} 0 1 { return [expr {$::project(open) ? $::project(name) : ""}] }
command current_project {} 0 1 { needs_project; return project:$::project(name) }
command current_fileset {-constrset -simset} 0 0 { needs_project; return fileset:sources_1 }

command get_board_parts {-regexp -nocase -latest_file_version -latest_hw_revision -filter=} 0 1 {
    set best {}
    foreach line [installed_boards] {
        lassign [split [lindex $line 0] :] vendor board component version
        if {![string match [lindex $rest 0] [lindex $line 0]]} continue
        set old [expr {[dict exists $best $vendor:$board] ? [dict get $best $vendor:$board] : ""}]
        if {$old eq "" || [package vcompare [lindex [split $old :] 3] $version] < 0} {
            dict set best $vendor:$board [lindex $line 0]
        }
    }
    if {![info exists given(latest_file_version)]} { error "the stand-in knows -latest_file_version only" }
    return [dict values $best]
}

# --- properties -----------------------------------------------------------------------------------

command set_property {-dict=} 1 3 {
    if {[info exists given(dict)]} {
        if {[llength $rest] != 1} { error "set_property -dict LIST OBJECTS" }
        set pairs $given(dict)
    } else {
        if {[llength $rest] != 3} { error "\[Common 17-163\] set_property NAME VALUE OBJECTS" }
        set pairs [lrange $rest 0 1]
    }
    if {[llength $pairs] % 2} { error "\[Common 17-163\] a property has no value: $pairs" }
    set object [lindex $rest end]
    if {$object eq ""} { error "\[Common 17-55\] 'set_property' expects at least one object" }
    foreach {name value} $pairs { set_one $object [string trim $name] $value }
}

proc set_one {object name value} {
    if {[dict exists $::cells $object]} {
        if {![regexp {^CONFIG\.(\w+)$} $name all parameter]} { error "a cell has no property $name" }
        set core [dict get $::cells $object core]
        if {$parameter ni [dict get $::cores $core parameters]} {
            error "\[BD 41-736\] $core has no parameter $parameter"
        }
        dict set ::cells $object config $parameter $value
        changed
        return
    }
    switch -glob $object/[string tolower $name] {
        project:*/board_part {
            foreach line [installed_boards] {
                if {[lindex $line 0] eq $value} { set ::project(part) [lindex $line 1]; set known 1 }
            }
            if {![info exists known]} { error "\[Board 49-71\] the board_part $value is not installed" }
            set ::project(board_part) $value
        }
        project:*/ip_repo_paths {
            foreach path $value { if {![file isdirectory $path]} { error "no such folder: $path" } }
            set ::project(ip_repos) $value
        }
        project:*/segmented_configuration { set ::project(segmented) $value }
        fileset:*/top { set ::fileset(top) $value }
        run:impl_1/noc_solution_file {
            if {![file isfile $value]} { error "no such file: $value" }
            set ::noc_solution $value
        }
        default { error "\[Common 17-158\] $object has no property $name" }
    }
}

command get_property {} 2 2 {
    lassign $rest name object
    switch -glob $object/[string toupper $name] {
        project:*/PART { return $::project(part) }
        project:*/BOARD_PART { return $::project(board_part) }
        run:*/PROGRESS { return [expr {[string match *Complete! [state_of $object]] ? "100%" : "43%"}] }
        run:*/STATUS { return [state_of $object] }
        run:*/DIRECTORY { return [run_folder $object] }
        path:*/SLACK { return [string range $object 5 end] }
        /SLACK { return "" }
        default { error "\[Common 17-158\] '$object' has no property $name" }
    }
}

# --- IP cores -------------------------------------------------------------------------------------

command update_ip_catalog {-rebuild} 0 0 {
    needs_project
    foreach repo $::project(ip_repos) {
        foreach name [glob -nocomplain -directory $repo component.xml */component.xml] {
            set file [open $name]
            set text [read $file]
            close $file
            foreach part {vendor library name version} { regexp "<spirit:$part>(\[^<\]+)<" $text all $part }
            regexp {<part>([^<]+)<} $text all made_for
            if {$made_for ne $::project(part)} { error "the core $name was made for $made_for" }
            set interfaces {}
            foreach {all pin mode} [regexp -all -inline {<spirit:name>(\w+)</spirit:name><spirit:(master|slave)/>} $text] {
                dict set interfaces $pin [string toupper $mode]
            }
            dict set ::cores $vendor:$library:$name:$version [dict create parameters {} \
                pins {ap_clk {I clk} ap_rst_n {I rst} interrupt {O intr}} interfaces $interfaces]
        }
    }
}

command get_ipdefs {-all -filter=} 0 1 {
    return [lsearch -all -inline -glob [dict keys $::cores] [lindex $rest 0]]
}

# --- block design ---------------------------------------------------------------------------------

command create_bd_design {-dir=} 1 1 {
    needs_project
    if {$::bd(name) ne ""} { error "\[BD 5-14\] there is a design already" }
    set ::bd(name) [lindex $rest 0]
    changed
}

command current_bd_design {} 0 1 { return $::bd(name) }

command create_bd_cell {-type= -vlnv= -reference=} 1 1 {
    needs_design
    set path /[lindex $rest 0]
    if {[dict exists $::cells $path]} { error "\[BD 5-13\] there is a cell $path already" }
    if {$given(type) eq "module"} {
        set core module:$given(reference)
        dict set ::cores $core [module_core $given(reference)]
    } elseif {$given(type) eq "ip" && [dict exists $::cores $given(vlnv)]} {
        set core $given(vlnv)
    } else {
        error "\[BD 41-1712\] unknown core in create_bd_cell $args"
    }
    set config [expr {[dict exists $::defaults $core] ? [dict get $::defaults $core] : {}}]
    dict set ::cells $path [dict create core $core config $config]
    changed
    return $path
}

# A module of the added Verilog as a core: its ports, and AXI interfaces by the names of their ports.
proc module_core {module} {
    foreach name $::fileset(files) {
        set file [open $name]
        set text [read $file]
        close $file
        if {![regexp "\\mmodule\\s+$module\\s*\\((\[^;\]*)\\)\\s*;" $text all ports]} continue
        set pins {}
        foreach {all dir port} [regexp -all -inline {(input|output)\s+(?:wire\s+|reg\s+)?(?:\[[^\]]*\]\s*)?(\w+)} $ports] {
            set kind [expr {[regexp {clk$} $port] ? "clk" : [regexp {(resetn|rst_n)$} $port] ? "rst" : "data"}]
            dict set pins $port [list [string toupper [string index $dir 0]] $kind]
        }
        return [dict create parameters {} pins $pins interfaces {}]
    }
    error "\[filemgmt 56-181\] no added source has a module $module"
}

command delete_bd_objs {} 1 99 {
    foreach path [join $rest] {
        if {![dict exists $::cells $path]} { error "no object $path" }
        dict unset ::cells $path
        foreach table {nets links} {
            foreach {one other} [set ::$table] {
                if {[string match $path/* $one] || [string match $path/* $other]} { dict unset ::$table $one }
            }
        }
    }
    changed
}

# What a core offers as it is configured: pins and interfaces open and close with parameters.
proc offered {path kind} {
    set core [dict get $::cells $path core]
    set config [dict get $::cells $path config]
    set found [dict get $::cores $core $kind]
    dict for {name parameter} [expr {[dict exists $::conditions $core] ? [dict get $::conditions $core] : {}}] {
        if {[dict exists $found $name] && (![dict exists $config $parameter] || ![dict get $config $parameter])} {
            dict unset found $name
        }
    }
    if {[string match *:smartconnect:* $core] && $kind eq "interfaces"} {
        foreach {parameter letter mode} {NUM_SI S SLAVE NUM_MI M MASTER} {
            for {set i 0} {$i < [dict get $config $parameter]} {incr i} {
                dict set found [format %s%02d_AXI $letter $i] $mode
            }
        }
    }
    return $found
}

proc matching {kind pattern} {
    set pattern /[string trimleft $pattern /]
    set found {}
    foreach path [dict keys $::cells] {
        foreach name [dict keys [offered $path $kind]] {
            if {[string match $pattern $path/$name]} { lappend found $path/$name }
        }
    }
    return $found
}

proc none_found {what pattern quiet} {
    if {!$quiet} { error "\[BD 5-235\] no $what matched $pattern" }
    return ""
}

command get_bd_cells {-filter= -of_objects= -hierarchical} 0 1 {
    set found [lsearch -all -inline -glob [dict keys $::cells] /[string trimleft [lindex $rest 0] /]]
    return [expr {[llength $found] ? $found : [none_found cells [lindex $rest 0] [info exists given(quiet)]]}]
}
command get_bd_pins {-filter= -of_objects=} 1 1 {
    set found [matching pins [lindex $rest 0]]
    return [expr {[llength $found] ? $found : [none_found pins [lindex $rest 0] [info exists given(quiet)]]}]
}
command get_bd_intf_pins {-filter= -of_objects=} 1 1 {
    set found [matching interfaces [lindex $rest 0]]
    return [expr {[llength $found] ? $found : [none_found "interface pins" [lindex $rest 0] [info exists given(quiet)]]}]
}
command get_bd_ports {} 1 1 {
    set name /[lindex $rest 0]
    if {$name ni $::externals} { error "no port $name" }
    return $name
}

proc pin_info {pin kind} {
    if {$pin in $::externals} { return {I data} }
    set path [file dirname $pin]
    if {![dict exists $::cells $path]} { error "no pin $pin" }
    return [dict get [offered $path $kind] [file tail $pin]]
}

command connect_bd_net {-net=} 2 99 {
    set drivers {}
    foreach pin $rest { if {[lindex [pin_info $pin pins] 0] eq "O"} { lappend drivers $pin } }
    foreach pin $rest {
        if {[dict exists $::nets $pin]} { lappend drivers [dict get $::nets $pin] }
    }
    set drivers [lsort -unique $drivers]
    if {[llength $drivers] != 1} { error "\[BD 41-1306\] a net needs one driver, $rest has [llength $drivers]" }
    foreach pin $rest {
        if {$pin ni $drivers} { dict set ::nets $pin $drivers }
    }
    changed
}

command connect_bd_intf_net {-intf_net= -boundary_type=} 2 2 {
    lassign $rest one other
    if {[pin_info $one interfaces] eq [pin_info $other interfaces]} {
        error "\[BD 41-171\] $one and $other are both [pin_info $one interfaces]"
    }
    foreach {from to} [list $one $other $other $one] {
        if {[dict exists $::links $from]} { error "\[BD 41-1308\] $from is connected already" }
        dict set ::links $from $to
    }
    changed
}

command create_bd_port {-dir= -from= -to= -type=} 1 1 {
    if {$given(dir) ni {I O IO}} { error "unknown direction $given(dir)" }
    lappend ::externals /[lindex $rest 0]
}
command make_bd_intf_pins_external {-name=} 1 1 { lappend ::externals [lindex $rest 0] }

command apply_bd_automation {-rule= -config=} 1 1 {
    set path [lindex $rest 0]
    set core [dict get $::cells $path core]
    set name [lindex [split $core :] 2]
    if {$given(rule) ne "xilinx.com:bd_rule:$name"} { error "\[BD 5-229\] no rule $given(rule) for $core" }
    if {$::project(board_part) eq ""} { error "\[BD 5-230\] there is no board, so no preset" }
    set known [expr {$name eq "processing_system7" ? {make_external apply_board_preset Master Slave} : {apply_board_preset}}]
    dict for {key value} $given(config) {
        if {$key ni $known} { error "\[BD 5-231\] the rule has no $key" }
    }
    if {$name eq "processing_system7"} {
        if {[dict get $given(config) make_external] ne "FIXED_IO, DDR"} { error "FIXED_IO and DDR stay open" }
        lappend ::externals $path/FIXED_IO $path/DDR
    }
    # The preset overwrites what was set before it.
    dict for {parameter value} [dict get $::presets $name] { dict set ::cells $path config $parameter $value }
    lappend ::preset_done $path
    changed
}

# --- addresses and validation ---------------------------------------------------------------------

command get_bd_addr_spaces {-of_objects=} 0 1 {
    set pin [expr {[info exists given(of_objects)] ? $given(of_objects) : [get_bd_intf_pins [lindex $rest 0]]}]
    if {[pin_info $pin interfaces] ne "MASTER"} { error "$pin is no master, it has no address space" }
    return space:$pin
}
command get_bd_addr_segs {-of_objects=} 1 1 {
    set name [string trimleft [lindex $rest 0] /]
    if {$name in {axi_noc_ps/S00_INI/C0_DDR_LOW0 axi_noc_ps/S00_INI/C0_DDR_LOW1}} { return segment:$name }
    return segment:[get_bd_intf_pins [file dirname $name]]/Reg
}
command assign_bd_address {-offset= -range= -target_address_space= -force} 0 1 {
    needs_design
    if {[llength $rest] == 0} {
        if {[info exists given(offset)]} { error "an offset needs a segment" }
        set ::bd(assigned) 1
        return
    }
    foreach what {offset range} { if {![string is entier -strict [string map {K "" M "" G ""} $given($what)]]} { error "bad $what" } }
    dict set ::segments [list $given(target_address_space) [lindex $rest 0]] $given(offset)
}

command validate_bd_design {-force} 0 0 {
    needs_design
    set problems {}
    foreach path [dict keys $::cells] {
        set core [dict get $::cells $path core]
        dict for {pin info} [offered $path pins] {
            if {[lindex $info 0] eq "I" && [lindex $info 1] in {clk rst} && ![dict exists $::nets $path/$pin]
                    && [list $core $pin] ni $::optional} {
                lappend problems "\[BD 41-758\] $path/$pin is not connected"
            }
        }
        if {[dict exists $::presets [lindex [split $core :] 2]]} {
            if {$path ni $::preset_done} { lappend problems "$path has no board preset" }
            continue
        }
        dict for {pin mode} [offered $path interfaces] {
            if {![dict exists $::links $path/$pin] && "$path/$pin" ni $::externals
                    && [list $core $pin] ni $::optional} {
                lappend problems "\[BD 41-759\] $path/$pin is not connected"
            }
            if {$::bd(assigned)} continue
            # Without automatic addresses each AXI slave of a kernel and each master needs its own.
            if {[string match *:hls:* $core]} {
                set wanted [expr {$mode eq "SLAVE" ? "* segment:$path/$pin/Reg" : "space:$path/$pin *"}]
                set found [dict keys $::segments $wanted]
                if {[llength $found] < ($mode eq "SLAVE" ? 1 : 2)} { lappend problems "\[BD 41-1051\] no address for $path/$pin" }
            }
        }
    }
    set offsets {}
    dict for {key offset} $::segments { lappend offsets [lindex $key 0]$offset }
    if {[llength [lsort -unique $offsets]] != [llength $offsets]} { lappend problems "two segments have one address" }
    if {[llength $problems]} { error [join $problems "\n"] }
    set ::bd(valid) 1
}
command save_bd_design {} 0 0 { needs_design; set ::bd(saved) 1 }

# --- sources and runs -----------------------------------------------------------------------------

command get_files {-of_objects= -filter=} 0 1 {
    set file $::project(folder)/$::project(name).srcs/sources_1/bd/$::bd(name)/$::bd(name).bd
    if {$::bd(name) ne "" && [string match [lindex $rest 0] [file tail $file]]} { return [list $file] }
    return [none_found files [lindex $rest 0] [info exists given(quiet)]]
}
command make_wrapper {-files= -top -import -force -fileset= -inst_template} 0 0 {
    if {!$::bd(valid) || !$::bd(saved)} { error "\[Vivado 12-4157\] the block design is not validated and saved" }
    if {[file rootname [file tail $given(files)]] ne $::bd(name)} { error "no block design $given(files)" }
    set ::fileset(wrapper) $::bd(name)_wrapper
}
command add_files {-fileset= -norecurse -scan_for_includes} 1 1 {
    foreach file [lindex $rest 0] { if {![file exists $file]} { error "\[Vivado 12-172\] no file $file" } }
    set set [expr {[info exists given(fileset)] ? $given(fileset) : "sources_1"}]
    if {$set ni {sources_1 constrs_1}} { error "no fileset $set" }
    lappend ::fileset([expr {$set eq "constrs_1" ? "constraints" : "files"}]) {*}[lindex $rest 0]
}
command update_compile_order {-fileset=} 0 0 { needs_project }

command get_runs {} 1 1 {
    if {[lindex $rest 0] ni {synth_1 impl_1}} { error "\[Common 17-161\] no run [lindex $rest 0]" }
    return run:[lindex $rest 0]
}
proc state_of {run} { return $::run_state([string range $run 4 end]) }
proc run_folder {run} { return $::project(folder)/$::project(name).runs/[string range $run 4 end] }

command launch_runs {-jobs= -to_step= -scripts_only} 1 1 {
    set run [lindex $rest 0]
    if {[info exists given(jobs)] && ![string is integer -strict $given(jobs)]} { error "-jobs $given(jobs)?" }
    set step [expr {[info exists given(to_step)] ? $given(to_step) : $run eq "synth_1" ? "synth_design" : "route_design"}]
    if {$step ni {synth_design route_design write_bitstream write_device_image}} { error "no step $step" }
    if {$::opened ne ""} { error "the design of $::opened is open" }
    if {$run eq "synth_1"} {
        if {!$::bd(valid) || !$::bd(saved)} { error "the block design is not validated and saved" }
        if {$::fileset(top) eq "" || ([info exists ::fileset(wrapper)] && $::fileset(top) ne $::fileset(wrapper))} {
            error "no such top module: '$::fileset(top)'"
        }
        write_handoff
    } elseif {[state_of run:synth_1] ne "synth_design Complete!"} {
        error "\[Vivado 12-106\] synth_1 has not run"
    }
    file mkdir [run_folder run:$run]
    set ::run_state($run) "Running $step"
    set ::pending($run) $step
}

command wait_on_run {-timeout=} 1 1 {
    set run [lindex $rest 0]
    if {![info exists ::pending($run)]} { error "the run $run was not launched" }
    set step $::pending($run)
    unset ::pending($run)
    set folder [run_folder run:$run]
    if {[broken $run] eq "licence"} {
        set file [open $folder/runme.log w]
        puts $file "ERROR: \[Common 17-345\] A valid license was not found for feature 'Synthesis' and/or device 'xc7z020'."
        close $file
        set ::run_state($run) "synth_design ERROR"
        error "\[Vivado 12-13638\] Failed runs(s) : '$run'"
    }
    if {[break_here $run]} {
        set ::run_state($run) "$step ERROR"
        error "\[Vivado 12-13638\] Failed runs(s) : '$run'"
    }
    switch $step {
        route_design { close [open $folder/$::fileset(top)_routed.dcp w] }
        write_bitstream {
            if {[string match {xcv[ce]*} $::project(part)]} { error "a Versal device has no bitstream" }
            write_bit $folder/$::fileset(top).bit
        }
        write_device_image {
            if {$::project(segmented) ne "true"} { error "no segmented configuration" }
            foreach name {_boot _pld} {
                set file [open $folder/$::fileset(top)$name.pdi w]
                puts $file "$::project(part) $::noc_solution"
                close $file
            }
        }
    }
    set ::run_state($run) "$step Complete!"
}

command open_run {-name=} 1 1 {
    if {[state_of run:[lindex $rest 0]] ne "route_design Complete!"} { error "[lindex $rest 0] is not routed" }
    set ::opened [lindex $rest 0]
}
command close_design {} 0 0 { needs_open; set ::opened "" }
proc needs_open {} { if {$::opened eq ""} { error "\[Common 17-53\] no open design" } }

# --- reports --------------------------------------------------------------------------------------

proc report {given text} {
    needs_open
    upvar 1 $given options
    if {[info exists options(file)]} {
        set file [open $options(file) w]
        puts $file $text
        close $file
    }
    if {[info exists options(return_string)]} { return $text }
}

command report_timing_summary {-file= -delay_type= -max_paths= -no_header -return_string -warn_on_violation} 0 0 {
    report given "slack [setting SLACK {0.512 0.031}]"
}
command report_utilization {-file= -hierarchical -hierarchical_depth= -return_string} 0 0 { report given "LUT 1234" }
command report_clock_interaction {-file= -delay_type= -no_header -return_string} 0 0 {
    report given [expr {[setting UNSAFE 0] ? "clk_a clk_b No Common Clock Timed (unsafe)" : "clk_a clk_b Clean Timed"}]
}
command report_pulse_width {-file= -all_violators -no_header -return_string} 0 0 {
    set said [expr {[setting PULSE 0] ? "VIOLATED Min Period" : ""}]
    report given [expr {[info exists given(all_violators)] ? "$said\n" : "$said all checks\n"}]
}
command report_bus_skew {-file= -no_header -return_string} 0 0 {
    report given [expr {[setting SKEW 0] ? "Slack (VIOLATED) : -0.1ns" : "Slack (MET) : 0.3ns"}]
}
command get_timing_paths {-delay_type= -max_paths= -setup -hold} 0 0 {
    needs_open
    set delay [expr {[info exists given(delay_type)] ? $given(delay_type) : "max"}]
    if {$delay ni {max min min_max}} { error "no delay type $delay" }
    lassign [setting SLACK {0.512 0.031}] setup hold
    set slack [expr {$delay eq "max" ? $setup : $delay eq "min" ? $hold : min($setup, $hold)}]
    return [expr {$slack eq "none" ? "" : "path:$slack"}]
}
command pr_verify {-full_check -file= -initial= -additional=} 0 2 {
    foreach file $rest { if {![file isfile $file]} { error "no checkpoint $file" } }
    if {[llength $rest] != 2} { error "two checkpoints" }
    if {$::opened ne ""} { error "a design is open" }
    if {[setting VERIFY 1] ne 1} { error "\[Dfx 88-139\] the NoC solutions differ" }
}

# --- what a build leaves --------------------------------------------------------------------------

# The header of a .bit file: fields a (design), b (part), c, d (date, time) and e (length of the data).
proc write_bit {name} {
    set file [open $name w]
    fconfigure $file -translation binary
    puts -nonewline $file [binary format H* 00090ff00ff00ff00ff0000001]
    # Newer families are named whole, 7 series without "xc" and speed grade.
    set part $::project(part)
    regexp {^xc(7[a-z0-9]+)-} $part all part
    foreach {key text} [list a "$::fileset(top);UserID=0XFFFFFFFF" b $part c 2026/11/23 d 12:00:00] {
        puts -nonewline $file $key[binary format Sa* [expr {[string length $text] + 1}] "$text\0"]
    }
    set data "config [dict size $::cells] $::fileset(constraints)"
    puts -nonewline $file e[binary format I [string length $data]]$data
    close $file
}

proc write_handoff {} {
    set folder $::project(folder)/$::project(name).gen/sources_1/bd/$::bd(name)/hw_handoff
    file mkdir $folder
    set file [open $folder/$::bd(name).hwh w]
    if {![regexp {^xc(7z\d+)([a-z]+\d+)-} $::project(part) all device package]} {
        regexp {^([a-z0-9]+)-([a-z0-9]+)} $::project(part) all device package
    }
    puts $file "<?xml version=\"1.0\"?>\n<EDKSYSTEM EDWVERSION=\"1.2\" VIVADOVERSION=\"[setting VERSION 2024.1]\">"
    puts $file "<SYSTEMINFO BOARD=\"$::project(board_part)\" DEVICE=\"$device\" NAME=\"$::bd(name)\" PACKAGE=\"$package\"/>"
    puts $file "<MODULES>"
    dict for {path cell} $::cells { puts $file "<MODULE FULLNAME=\"$path\" VLNV=\"[dict get $cell core]\"/>" }
    puts $file "</MODULES>\n</EDKSYSTEM>"
    close $file
}
