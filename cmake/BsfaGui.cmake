# SPDX-License-Identifier: Apache-2.0
# Finds Qt and QCustomPlot. BSFA_HAVE_GUI says whether gui/ is built.
#
# AUTO builds it where both are found, ON insists, OFF never looks. Bundles have no viewer: with
# BSFA_STATIC it is built and tested, but links the machine's Qt.
set(BSFA_GUI AUTO CACHE STRING "Build the viewer: AUTO (if there are Qt 6.4 and QCustomPlot), ON, OFF")
set_property(CACHE BSFA_GUI PROPERTY STRINGS AUTO ON OFF)

set(BSFA_HAVE_GUI FALSE)
if(BSFA_GUI)
  # Qt first and with its printing: QCustomPlot's package expects both to be known, and carries no version.
  if(BSFA_GUI STREQUAL "AUTO")
    find_package(Qt6 6.4 QUIET COMPONENTS Core Gui Widgets PrintSupport)
    if(Qt6_FOUND)
      find_package(QCustomPlotQt6 QUIET)
    endif()
  else()
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets PrintSupport)
    find_package(QCustomPlotQt6 REQUIRED)
  endif()
  if(TARGET Qt6::Widgets AND TARGET QCustomPlotQt6::QCustomPlotQt6)
    set(BSFA_HAVE_GUI TRUE)
  endif()
endif()

if(BSFA_HAVE_GUI)
  message(STATUS "Viewer: Qt ${Qt6_VERSION}")
else()
  message(STATUS "Viewer: left out")
endif()
