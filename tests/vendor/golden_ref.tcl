# Stands in for PYNQ's golden_ref.tcl of the VCK190: the cells, pins and tie-offs that overlays meet there.
create_bd_design $design_name
create_bd_cell -type ip -vlnv xilinx.com:ip:versal_cips:3.4 versal_cips_0
create_bd_cell -type ip -vlnv xilinx.com:ip:proc_sys_reset:5.0 rst_pl0
create_bd_cell -type ip -vlnv xilinx.com:ip:axi_noc:1.1 axi_noc_pl
foreach {cell mode} {pl_tieoff_fpd slave pl_tieoff_dma0 master pl_tieoff_dma1 master} {
    create_bd_cell -type ip -vlnv xilinx.com:ip:axi_vip_$mode:1.1 $cell
}
connect_bd_net [get_bd_pins versal_cips_0/pl0_ref_clk] [get_bd_pins rst_pl0/slowest_sync_clk] \
    [get_bd_pins axi_noc_pl/aclk0] [get_bd_pins pl_tieoff_fpd/aclk] [get_bd_pins pl_tieoff_dma0/aclk] \
    [get_bd_pins pl_tieoff_dma1/aclk]
connect_bd_net [get_bd_pins versal_cips_0/pl0_resetn] [get_bd_pins rst_pl0/ext_reset_in]
connect_bd_net [get_bd_pins rst_pl0/peripheral_aresetn] [get_bd_pins pl_tieoff_fpd/aresetn] \
    [get_bd_pins pl_tieoff_dma0/aresetn] [get_bd_pins pl_tieoff_dma1/aresetn]
connect_bd_intf_net [get_bd_intf_pins versal_cips_0/M_AXI_FPD] [get_bd_intf_pins pl_tieoff_fpd/S_AXI]
connect_bd_intf_net [get_bd_intf_pins pl_tieoff_dma0/M_AXI] [get_bd_intf_pins axi_noc_pl/S00_AXI]
connect_bd_intf_net [get_bd_intf_pins pl_tieoff_dma1/M_AXI] [get_bd_intf_pins axi_noc_pl/S01_AXI]
