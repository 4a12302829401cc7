import { z } from "zod";
import { complexType, defineElement, Filter, float, settable } from "../../module/mod.ts";

const percent = () => z.int().min(0).max(100);

const RelativePoint = complexType(
  "crowddetector",
  "RelativePoint",
  z.strictObject({ x: float(z.number().min(0).max(1)), y: float(z.number().min(0).max(1)) }).describe(
    "A point, as fractions of the picture",
  ),
);

const RegionOfInterestConfig = complexType(
  "crowddetector",
  "RegionOfInterestConfig",
  z.strictObject({
    occupancyLevelMin: percent().default(10),
    occupancyLevelMed: percent().default(35),
    occupancyLevelMax: percent().default(65),
    occupancyNumFramesToEvent: z.int().min(1).default(5),
    fluidityLevelMin: percent().default(10),
    fluidityLevelMed: percent().default(35),
    fluidityLevelMax: percent().default(65),
    fluidityNumFramesToEvent: z.int().min(1).default(5),
    sendOpticalFlowEvent: z.boolean().default(false),
    opticalFlowNumFramesToEvent: z.int().min(1).default(3),
    opticalFlowNumFramesToReset: z.int().min(1).default(3),
    opticalFlowAngleOffset: z.int().default(0).describe("Degrees"),
  }).describe("From which percentages on a region is full or moving, and when that is told"),
);

const RegionOfInterest = complexType(
  "crowddetector",
  "RegionOfInterest",
  z.strictObject({
    points: z.array(RelativePoint).min(3).describe("Corners, as fractions of the picture"),
    regionOfInterestConfig: RegionOfInterestConfig,
    id: z.string().min(1).describe("Name of the region in events"),
  }).describe("A region that is watched"),
);

/** Tells how full regions of the picture are, and how people move there. */
export default defineElement({
  type: "CrowdDetectorFilter",
  module: "crowddetector",
  extends: Filter,
  summary: "Tells how full regions of the picture are, and which way and how fast the crowd moves",
  options: z.strictObject({ rois: z.array(RegionOfInterest).describe("The regions") }),
  pads: { audio: "through", video: "through" },
  properties: {
    processingWidth: settable("Width in pixels to which pictures are scaled first", z.int().min(16), 320),
  },
  events: {
    CrowdDetectorFluidity: z.object({
      fluidityPercentage: float(z.number()),
      fluidityLevel: z.int(),
      roiId: z.string(),
    }).describe("How fast a crowd moves has changed"),
    CrowdDetectorOccupancy: z.object({
      occupancyPercentage: float(z.number()),
      occupancyLevel: z.int(),
      roiId: z.string(),
    }).describe("How full a region is has changed"),
    CrowdDetectorDirection: z.object({
      directionAngle: float(z.number()).describe("Degrees"),
      roiId: z.string(),
    }).describe("Which way a crowd moves has changed"),
  },
});
