# Commands that know their options: whatever the real command would not take fails here as well.

# command NAME OPTIONS MIN MAX BODY: OPTIONS lists flags as -flag and options with a value as -option=.
# BODY finds flags and values in the array given, by name without dash, and the rest in the list rest.
proc command {name options min max body} {
    proc $name args [string map [list @NAME@ $name @OPTIONS@ $options @MIN@ $min @MAX@ $max] {
        array set given {}
        set rest [strict_parse {@NAME@} {@OPTIONS@} @MIN@ @MAX@ $args given]
    }]\n$body
}

proc strict_parse {name options min max arguments into} {
    upvar 1 $into given
    lappend options -quiet -verbose
    set rest {}
    for {set i 0} {$i < [llength $arguments]} {incr i} {
        set argument [lindex $arguments $i]
        if {![regexp {^-[a-z_]+$} $argument]} {
            lappend rest $argument
        } elseif {$argument in $options} {
            set given([string range $argument 1 end]) 1
        } elseif {"$argument=" in $options} {
            incr i
            if {$i >= [llength $arguments]} {
                error "\[Common 17-157\] $name: $argument needs a value"
            }
            set given([string range $argument 1 end]) [lindex $arguments $i]
        } else {
            error "\[Common 17-170\] $name: unknown option $argument"
        }
    }
    if {[llength $rest] < $min} {
        error "\[Common 17-163\] $name: missing argument"
    }
    if {[llength $rest] > $max} {
        error "\[Common 17-165\] $name: too many arguments: $rest"
    }
    return $rest
}

# The command line of a tool: `allowed` maps an option to how many values it takes.
proc command_line {allowed arguments} {
    set found {}
    while {[llength $arguments] > 0} {
        set arguments [lassign $arguments option]
        if {![dict exists $allowed $option]} {
            puts "ERROR: \[Common 17-170\] Unknown option '$option'"
            exit 1
        }
        set count [dict get $allowed $option]
        if {[llength $arguments] < $count} {
            puts "ERROR: \[Common 17-157\] Missing value of '$option'"
            exit 1
        }
        dict set found $option [lrange $arguments 0 $count-1]
        set arguments [lrange $arguments $count end]
    }
    return $found
}

proc setting {name default} {
    return [expr {[info exists ::env(STANDIN_$name)] ? $::env(STANDIN_$name) : $default}]
}

# One line for each start of a tool, whole even when tools run side by side.
proc record {line} {
    set file [open $::env(STANDIN_RECORD) {WRONLY CREAT APPEND}]
    fconfigure $file -buffering full
    puts $file $line
    close $file
}

# The board and overlay that are built, from the folder build/<board>/<overlay>.
proc build_name {} {
    return [file tail [file dirname [pwd]]]/[file tail [pwd]]
}

# What STANDIN_BREAK ("<board>/<overlay> <stage> <how>", several by ;) asks for at this stage.
proc broken {stage} {
    foreach wish [split [setting BREAK ""] ";"] {
        lassign $wish build where how
        if {[string match $build $::build] && $where eq $stage} {
            return $how
        }
    }
    return ""
}

# Does what STANDIN_BREAK wants of this stage; returns 1 if the stage has to fail.
proc break_here {stage} {
    switch [broken $stage] {
        "" { return 0 }
        fail { puts "ERROR: \[Place 30-494\] The design does not fit" }
        licence {
            puts "ERROR: \[Common 17-345\] A valid license was not found for feature 'Synthesis' and/or\
                device 'xc7z020'. Please run the Vivado License Manager for assistance."
        }
        disk {
            # Writes until the real disk is really full; the system's own message comes out.
            set file [open filler w]
            fconfigure $file -translation binary -buffersize 1000000
            if {[catch { while {1} { puts -nonewline $file [string repeat x 1000000]; flush $file } } said]} {
                puts "ERROR: \[Common 17-1\] $said"
            }
        }
        pause {
            # Tells the test that it is here, then waits for it for ever.
            set file [open $::env(STANDIN_FIFO) w]
            puts $file "$::build [pid]"
            close $file
            vwait forever
        }
        default { error "STANDIN_BREAK: [broken $stage]?" }
    }
    return 1
}

set build [build_name]
