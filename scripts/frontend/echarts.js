// The parts of ECharts that pages draw: line charts over time with reference lines; canvas on screen, SVG for export.
import * as core from "echarts/core";
import { LineChart, ScatterChart } from "echarts/charts";
import {
  GridComponent, TooltipComponent, LegendComponent, MarkLineComponent, MarkAreaComponent, AriaComponent,
} from "echarts/components";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

core.use([
  LineChart, ScatterChart, GridComponent, TooltipComponent, LegendComponent, MarkLineComponent, MarkAreaComponent,
  AriaComponent, LabelLayout, CanvasRenderer, SVGRenderer,
]);

export const init = core.init;
export const version = core.version;
