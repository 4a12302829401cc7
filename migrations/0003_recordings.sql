CREATE TABLE `recordings` (
	`position` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`pipeline_id` text NOT NULL,
	`element_id` text NOT NULL,
	`profile` text NOT NULL,
	`state` text NOT NULL,
	`duration_ms` real NOT NULL,
	`tracks` text NOT NULL,
	`created_at_ms` real NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `recordings_id_unique` ON `recordings` (`id`);
