DROP INDEX `pipelines_name_unique`;--> statement-breakpoint
CREATE UNIQUE INDEX `pipelines_name_unique` ON `pipelines` (`name`) WHERE `origin` <> 'kurento';
